/**
 * @file sidecar.h
 * Labels beside files: FILE.sdc says how sensitive FILE is, as long as FILE has not changed.
 *
 * A sidecar is JSON:
 *
 *     { "sdc": 1, "class": "open", "source": "...", "licence": "...", "blake2b": "<64 hexadecimal digits>" }
 *
 * blake2b is the BLAKE2b-256 digest of FILE's bytes (RFC 7693). A sidecar that is malformed, or whose digest does not match, is ignored
 * with a note: what is left is what the policy says of the file, and personal at least. Somebody labelled what stood there before; nobody
 * knows what it said, or whether it still would.
 *
 * A label holds for formats whose tables are in one file: CSV (packed or not), GeoPackage without a log beside it, FlatGeobuf, GeoJSON
 * (packed or not), and a zip of any others, told by their content. Beside a shapefile, a VRT or anything else it is ignored: its digest
 * says nothing about the rest.
 */
#ifndef GEO_SIDECAR_H
#define GEO_SIDECAR_H

#include "geo/label.h"
#include "geo/watch.h"

GEO_BEGIN

/** Digest of a file as 64 hexadecimal digits and a NUL. O(size of the file). */
GEO_CHECKED geo_status geo_digest_file(const char *file, char hex[65], const geo_watch *watch, geo_err *err);

/** The same of bytes in memory. */
GEO_API void geo_digest_bytes(const void *bytes, size_t n, char hex[65]);

/**
 * Parse the text of a sidecar: strict JSON, the members above and no others, no duplicates.
 *
 * @param hex  [out] the digest it claims.
 * @return GEO_EFORMAT, with what is wrong.
 */
GEO_CHECKED geo_status geo_sidecar_parse(const char *text, size_t n, geo_label *label, char hex[65], geo_err *err);

/**
 * Read FILE.sdc if it is there and holds; otherwise the label stays as it was.
 *
 * @return GEO_OK, label->known telling whether there is one; GEO_SKIP when there is one that does not hold, and watch->note has heard why;
 *         GEO_EIO when there may be one, but it cannot be read.
 */
GEO_CHECKED geo_status geo_sidecar_read(const char *file, geo_label *label, const geo_watch *watch, geo_err *err);

/**
 * Write FILE.sdc, whole or not at all, for FILE as it is now; what was labelled so before is replaced, and has the mode of FILE.
 *
 * To label is an act of the owner of the data, and to lower a class more so: whoever calls this writes it into the ledger (ledger.h).
 *
 * @param label  class, source and licence: UTF-8 without control characters. label->known does not matter.
 * @param force  lower the class that an existing label gives, be it that it no longer holds since FILE has changed; and replace one that
 *               cannot be understood, which may have been any.
 * @return GEO_EARG, saying why: a file that no label would hold for (see above), a text that is too long or no text, a class that would be
 *         lowered; GEO_EIO, GEO_ESTOP.
 */
GEO_CHECKED geo_status geo_sidecar_write(const char *file, const geo_label *label, bool force, const geo_watch *watch, geo_err *err);

GEO_END
#endif
