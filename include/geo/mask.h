/**
 * @file mask.h
 * Masking points: moving them so that each could be any of at least k addresses.
 *
 * Two ways: snapping, where all points of a catchment get its middle, and the donut, where each is drawn in a ring around its true place. Both
 * hold against somebody who has the same addresses and knows the method and its settings, but not the secret. Both refuse a point (NaN) rather than
 * pass it on where it is, and put nothing into the output that tells how far a point was moved. Points without a place (NaN, or so far away that
 * it cannot be metres) are refused too.
 *
 * What comes out depends on the point, the secret and the addresses, and not on their order, on the other points or on the number of threads.
 */
#ifndef GEO_MASK_H
#define GEO_MASK_H

#include "geo/cellkey.h"

GEO_BEGIN

/** Addresses, found by place. Coordinates are metres in a plane (National Grid). */
typedef struct geo_addresses geo_addresses;

/** The k of what follows is at most this. */
#define GEO_MASK_MOST_K 1000

/**
 * Copies n addresses.
 *
 * @param group  of each address the area, its LSOA say, that no catchment may cross; negative: none, and no catchment holds it. May be NULL.
 * @return GEO_EARG when a coordinate is not finite, or beyond 1e9. O(n log n).
 */
GEO_CHECKED geo_status geo_addresses_new(const double *x, const double *y, const int32_t *group, size_t n, geo_addresses **out,
                                         geo_err *err);
GEO_API void geo_addresses_free(geo_addresses *addresses);

/** How many lie within a distance of a place, its rim included. Safe from several threads. */
GEO_API size_t geo_addresses_within(const geo_addresses *addresses, double x, double y, double radius_m);

/** Distance to the k-th nearest; infinite when there are fewer, or k is above GEO_MASK_MOST_K. Safe from several threads. */
GEO_API double geo_addresses_reach(const geo_addresses *addresses, double x, double y, size_t k);

/**
 * The measure of the literature: how many addresses lie as near to the masked place as the true one does, itself included: those within the distance
 * between the two, and one more when the true place is not that of an address.
 *
 * It tells how often the address nearest to a dot on a map is the wrong one. It is no measure of what is safe: whoever knows that it is always k
 * knows that the k - 1 addresses nearest to the dot are none of them the true one. geo_rings_k takes that off.
 *
 * Source: Allshouse et al. (2010), Geomasking sensitive health data and privacy protection, Geocarto International 25(6):443-452.
 */
GEO_API size_t geo_mask_k(const geo_addresses *addresses, double true_x, double true_y, double masked_x, double masked_y);

/**
 * Rings around addresses: where a point may go.
 *
 * The outer radius is the distance within which there are 3 k / (1 - inner^2) addresses, so three times k in the ring, rounded up to 1, 1.25, 1.5 or
 * 1.75 times a power of two, so that it stays the same when some addresses come or go; at least least_m, and at most most_m.
 *
 * A masked place could stand for those addresses in whose rings it is, but for the k - 1 nearest to it. The wider a ring, the less likely is any
 * place in it, so each address counts by the area of the smallest of these rings over that of its own. This sum, geo_rings_k, must reach k. It
 * follows from the masked place alone, so that it was reached tells nothing of the true one.
 *
 * @param tries  draws for each point. With one, no address is likelier than 1 in k to be the true one. With more of them fewer points are
 *               refused, but an address of whose ring little is fit is then likelier to be the true one, by `tries` times at the very worst:
 *               on the postcodes of a district, with ten tries, one masked place in a hundred stood for half of k only.
 */
typedef struct geo_donut {
    size_t k;       /**< 1 to GEO_MASK_MOST_K */
    double inner;   /**< inner radius, as a share of the outer one; from 0, below 1 */
    double least_m; /**< of the outer radius; at least 1, so that points move where many addresses coincide */
    double most_m;
    int tries;
} geo_donut;
typedef struct geo_rings geo_rings;

/** @param addresses  lent until geo_rings_free.  @return GEO_EARG for settings that cannot be. O(n (log n + k)). */
GEO_CHECKED geo_status geo_rings_new(const geo_addresses *addresses, const geo_donut *donut, int threads, geo_rings **out, geo_err *err);
GEO_API void geo_rings_free(geo_rings *rings);

/** For how many addresses a masked place could stand. Safe from several threads. */
GEO_API double geo_rings_k(const geo_rings *rings, double masked_x, double masked_y);

/**
 * Move points into the rings around them, uniformly over their area and in all directions. A draw is taken when geo_mask_k and geo_rings_k of it are
 * k at least, of addresses alone; a point none of whose draws is taken is refused.
 *
 * @param secret    who knows it can undo the masking.
 * @param key       of each point; may be NULL. Each has its draws from a stream of its own, keyed with the secret, that follows from its
 *                  coordinates, its radius, k, the inner share, and its key. So a point has one masked place, in this list and in every later
 *                  one; a record that comes or goes moves no other; and draws from rings of different size, or about a place that changed, are
 *                  independent: with the same direction in both, the line through them would lead to the true place.
 *                  Points with the same place and key get the same masked place. Without keys that shows which records coincide, and that is
 *                  the safer way: the mean of many draws about one place is that place. Keys (geo_record_key) tell records of one place apart:
 *                  for where that they coincide must not be seen, and few do.
 * @param masked_x,masked_y  [out] NaN for refused points.
 *
 * The same on any machine: no function is used whose last bits differ between libraries.
 * Source: Hampton et al. (2010), Mapping Health Data: Improved Privacy Protection With Donut Method Geomasking, American Journal of Epidemiology
 * 172(9):1062-1069; Cassa et al. (2008), Re-identification of home addresses from spatial locations anonymized by Gaussian skew, International
 * Journal of Health Geographics 7:45, for what the mean of several draws gives away.
 */
GEO_API void geo_mask_donut(const geo_rings *rings, const uint8_t secret[GEO_SECRET_BYTES], const uint64_t *key, const double *x,
                            const double *y, size_t n, int threads, double *masked_x, double *masked_y, size_t *refused_n);

/**
 * Divide addresses into catchments of at least k each, compact and of neighbours, and snap points to the middle of theirs.
 *
 * Catchments come from halving the addresses of each group across the longer side of their envelope until no half can be halved: each then holds k to
 * 2 k - 1, and more where addresses coincide, which are never parted. A point belongs to the catchment of the nearest address (of its group).
 *
 * The middle is the mean of the addresses when that is at least 1 m from all addresses, and nearest to one of the catchment's; else the first
 * place half way between two of them of which that is true, else the one of these places that is farthest from any address. Snapping a middle
 * leaves it where it is, but for the last case.
 *
 * Points are refused in a group of fewer than k addresses, or with all of them at one place: that has no middle that is nobody's.
 */
typedef struct geo_catchments geo_catchments;

/** @param addresses  lent until geo_catchments_free.  @return GEO_EARG for a k below 3. O(n). */
GEO_CHECKED geo_status geo_catchments_new(const geo_addresses *addresses, size_t k, geo_catchments **out, geo_err *err);
GEO_API void geo_catchments_free(geo_catchments *catchments);
GEO_API size_t geo_catchments_count(const geo_catchments *catchments);

/** Middle of catchment i, and how many addresses it holds: to be published with the points. */
GEO_API void geo_catchments_get(const geo_catchments *catchments, size_t i, double *x, double *y, size_t *addresses_n);

/**
 * @param group      of each point, when the addresses have groups, else NULL; of one that has no addresses: refused.
 * @param catchment  [out] of each point, -1 for refused ones. May be NULL.
 * @return GEO_EARG when only points or only addresses have groups.
 */
GEO_CHECKED geo_status geo_mask_snap(const geo_catchments *catchments, const double *x, const double *y, const int32_t *group, size_t n,
                                     int threads, double *masked_x, double *masked_y, int32_t *catchment, size_t *refused_n, geo_err *err);

GEO_END
#endif
