/* How far two words are apart in spelling, to say which one was meant; inside the library only. */
#ifndef GEO_CORE_SPELLING_H
#define GEO_CORE_SPELLING_H

/* Levenshtein distance without regard to letter case; words beyond 63 characters are cut. */
unsigned geo_edit_distance(const char *a, const char *b);

#endif
