/* Codes of places: GSS codes, UPRNs, grid references, and postcodes that need mending. */
#include "unit.h"

#include "geo/gridref.h"
#include "geo/gss.h"
#include "geo/postcode.h"
#include "geo/uprn.h"

/* ---- GSS codes ---- */

/* Codes and what they are of: ONS, Register of Geographic Codes and ONS Postcode Directory; Trafford, Bath, Reigate, Greenwich, Cardiff,
   Edinburgh, Belfast, Greater Manchester, the North West among them. */
static void gss_parts(void **state)
{
    (void)state;
    static const struct {
        const char *in, *code, *name;
        char nation;
        int entity, number;
    } CASES[] = {
        {"E08000009", "E08000009", "metropolitan district", 'E', 8, 9},
        {"e06000022", "E06000022", "unitary authority", 'E', 6, 22},
        {"E07000211", "E07000211", "non-metropolitan district", 'E', 7, 211},
        {" E09 000 011\t", "E09000011", "London borough", 'E', 9, 11},
        {"w06000015", "W06000015", "Welsh unitary authority", 'W', 6, 15},
        {"S12000036", "S12000036", "Scottish council area", 'S', 12, 36},
        {"N09000003", "N09000003", "Northern Ireland district", 'N', 9, 3},
        {"E47000001", "E47000001", "combined authority", 'E', 47, 1},
        {"E12000002", "E12000002", "region", 'E', 12, 2},
        {"E92000001", "E92000001", "country", 'E', 92, 1},
        {"N92000002", "N92000002", "country", 'N', 92, 2},
        {"S92000003", "S92000003", "country", 'S', 92, 3},
        {"W92000004", "W92000004", "country", 'W', 92, 4},
        {"K02000001", "K02000001", "United Kingdom", 'K', 2, 1},
        {"K03000001", "K03000001", "Great Britain", 'K', 3, 1},
        {"K04000001", "K04000001", "England and Wales", 'K', 4, 1},
        {"L93000001", "L93000001", "Channel Islands", 'L', 93, 1},
        {"M83000003", "M83000003", "Isle of Man", 'M', 83, 3},
        {"E00000001", "E00000001", "output area", 'E', 0, 1},
        {"E01000001", "E01000001", "LSOA", 'E', 1, 1},
        {"W01000001", "W01000001", "LSOA", 'W', 1, 1},
        {"E02000001", "E02000001", "MSOA", 'E', 2, 1},
        {"S00088956", "S00088956", "output area", 'S', 0, 88956},
        {"S01006506", "S01006506", "Scottish data zone", 'S', 1, 6506},
        {"S02001236", "S02001236", "Scottish intermediate zone", 'S', 2, 1236},
        {"N20000855", "N20000855", "Northern Ireland data zone", 'N', 20, 855},
        {"N21000192", "N21000192", "Northern Ireland super data zone", 'N', 21, 192},
        {"N08000322", "N08000322", "ward", 'N', 8, 322},
        {"N05000002", "N05000002", "constituency", 'N', 5, 2},
        {"N06000001", "N06000001", "constituency", 'N', 6, 1},
        {"J01000001", "J01000001", NULL, 'J', 1, 1},
        {"E98999999", "E98999999", NULL, 'E', 98, 999999},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char code[GEO_GSS_ROOM];
        geo_gss gss;
        const size_t n = strlen(CASES[i].in);
        CHECK(geo_gss_normalise(CASES[i].in, n, code) == 9 && strcmp(code, CASES[i].code) == 0, "'%s'", CASES[i].in);
        CHECK(geo_gss_parse(CASES[i].in, n, &gss), "'%s'", CASES[i].in);
        CHECK(gss.nation == CASES[i].nation && gss.entity == CASES[i].entity && gss.number == CASES[i].number, "'%s'", CASES[i].in);
        const char *name = geo_gss_entity_name(gss.nation, gss.entity);
        CHECK((!name && !CASES[i].name) || (name && CASES[i].name && strcmp(name, CASES[i].name) == 0), "'%s'", CASES[i].in);
        assert_false(geo_gss_is_none(CASES[i].in, n));
    }
}

static void gss_not(void **state)
{
    (void)state;
    static const char *const CASES[] = {"",
                                        " ",
                                        "E",
                                        "E0100000",
                                        "E010000011",
                                        "E0100000A",
                                        "A01000001",
                                        "01000001E",
                                        "EE1000001",
                                        "M320AA",
                                        "95AA01S1",
                                        "E01-000001",
                                        "E01\n00001",
                                        "T15000001",
                                        "0E1000001",
                                        "\xEF\xBC\xA5"
                                        "01000001",
                                        "E0100000\xEF\xBC\x91",
                                        "999999999"};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char code[GEO_GSS_ROOM] = "kept";
        geo_gss gss = {'?', -1, -1};
        CHECK(geo_gss_normalise(CASES[i], strlen(CASES[i]), code) == 0 && strcmp(code, "kept") == 0, "'%s'", CASES[i]);
        CHECK(!geo_gss_parse(CASES[i], strlen(CASES[i]), &gss) && gss.nation == '?', "'%s'", CASES[i]);
    }
    assert_null(geo_gss_entity_name('E', 99));
    assert_null(geo_gss_entity_name('?', 1));
    assert_null(geo_gss_entity_name('\0', 0));
    assert_null(geo_gss_entity_name('E', -1));
}

/* In the published school register of 2025, column lsoa_code: 999999999, L99999999 and M99999999; the others are the ONSPD's. */
static void gss_none(void **state)
{
    (void)state;
    static const char *const NONE[] = {"999999999", "L99999999", "m99999999", "E99999999",
                                       "W99999999", "S99999999", "N99999999", " L9999 9999"};
    static const char *const SOME[] = {"99999999", "9999999999", "L9999999", "L99999998", "Z99999999", "", "E92000001", "899999999"};
    geo_gss gss;
    for (size_t i = 0; i < COUNT_OF(NONE); i++)
        CHECK(geo_gss_is_none(NONE[i], strlen(NONE[i])) && !geo_gss_parse(NONE[i], strlen(NONE[i]), &gss), "'%s'", NONE[i]);
    for (size_t i = 0; i < COUNT_OF(SOME); i++)
        CHECK(!geo_gss_is_none(SOME[i], strlen(SOME[i])), "'%s'", SOME[i]);
}

/* ---- UPRNs ---- */

static void uprns(void **state)
{
    (void)state;
    static const struct {
        const char *in, *bare;
        int64_t value;
    } CASES[] = {
        {"1", "1", 1},
        {"100023336956", "100023336956", INT64_C(100023336956)}, /* 10 Downing Street, as its council publishes it */
        {"000012345678", "12345678", 12345678},
        {"0000000000012345678", "12345678", 12345678},
        {" 10 0023 336\t956 ", "100023336956", INT64_C(100023336956)},
        {"0", "0", 0},
        {"000", "0", 0},
        {"0 1", "1", 1},
        {"999999999999", "999999999999", INT64_C(999999999999)},
        {"", "", -1},
        {"  ", "", -1},
        {"1000000000000", "", -1}, /* 13 digits */
        {"00A1", "", -1},
        {"-1", "", -1},
        {"1.0", "", -1},
        {"1,000", "", -1},
        {"UPRN 1", "", -1},
        {"1.00012E+11", "", -1},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char bare[GEO_UPRN_ROOM] = "";
        int64_t value = -1;
        geo_err err;
        const size_t n = strlen(CASES[i].in);
        CHECK(geo_uprn_normalise(CASES[i].in, n, bare) == strlen(CASES[i].bare) && strcmp(bare, CASES[i].bare) == 0, "'%s'", CASES[i].in);
        CHECK(geo_uprn_parse(CASES[i].in, n, &value, &err) == (*CASES[i].bare ? GEO_OK : GEO_EFORMAT), "'%s'", CASES[i].in);
        CHECK(value == CASES[i].value, "'%s': %" PRId64, CASES[i].in, value);
    }
    static const char *const ROUNDED[] = {"1.00012E+11", "1E+11", "1.0e11", " 1.00012E+11 ", "1.E+12"};
    static const char *const WHOLE[] = {"",       "1",           "E+11",    "1.00012E+", "1.00012E", "1.0.1E+11",
                                        ".1E+11", "1.00012E-11", "1.0E+1x", "1E+1111",   "1.5"};
    for (size_t i = 0; i < COUNT_OF(ROUNDED); i++) {
        int64_t value;
        geo_err err;
        CHECK(geo_uprn_is_rounded(ROUNDED[i], strlen(ROUNDED[i])), "'%s'", ROUNDED[i]);
        assert_int_equal(geo_uprn_parse(ROUNDED[i], strlen(ROUNDED[i]), &value, &err), GEO_EFORMAT);
        assert_non_null(strstr(err.msg, "spreadsheet"));
    }
    for (size_t i = 0; i < COUNT_OF(WHOLE); i++)
        CHECK(!geo_uprn_is_rounded(WHOLE[i], strlen(WHOLE[i])), "'%s'", WHOLE[i]);
}

/* Equal as text in the normal form is equal as a number. */
static void uprns_compare_as_numbers(void **state)
{
    (void)state;
    geo_random r = unit_random("uprns_compare_as_numbers");
    for (size_t i = 0; i < unit_tries(20000); i++) {
        const int64_t value = (int64_t)(geo_random_next(&r) % UINT64_C(1000000000000)) >> geo_random_next(&r) % 40;
        char padded[40], bare[GEO_UPRN_ROOM], plain[32];
        int64_t back = -1;
        snprintf(padded, sizeof padded, "%0*" PRId64, (int)(1 + geo_random_next(&r) % 20), value);
        snprintf(plain, sizeof plain, "%" PRId64, value);
        CHECK(geo_uprn_normalise(padded, strlen(padded), bare) == strlen(plain) && strcmp(bare, plain) == 0, "'%s'", padded);
        CHECK(geo_uprn_parse(padded, strlen(padded), &back, NULL) == GEO_OK && back == value, "'%s'", padded);
    }
}

/* ---- grid references ---- */

/* Published: TG 51409 13177 is 651409, 313177 (Ordnance Survey, A guide to coordinate systems in Great Britain: Caister water tower).
   TL683365, TL726350, TL701352: church, windmill and farm of Ordnance Survey's leaflet Using the National Grid. NN166712: Ben Nevis.
   ST 78100 62082 and SJ8023085291: entries 1021818 and 1067598 of the National Heritage List for England, with their eastings and
   northings. N 000 500: true origin of the Irish Grid, whose false origin puts it at 200000, 250000; O 285 376: Howth, in published
   explanations of the Irish Grid. TQ75G: the tetrad that holds TQ7252, TQ7253, TQ7352 and TQ7353 (Kent and Medway Biological Records
   Centre). The others are corners of 100 km squares on the published diagram of the grid: SV at its origin, HP, HU and TA at its borders. */
static void gridrefs(void **state)
{
    (void)state;
    static const struct {
        const char *in, *printed;
        geo_gridref r;
    } CASES[] = {
        {"TG 51409 13177", "TG 51409 13177", {GEO_GRID_BRITAIN, 651409, 313177, 1}},
        {"TG5140913177", "TG 51409 13177", {GEO_GRID_BRITAIN, 651409, 313177, 1}},
        {"tg 5140913177", "TG 51409 13177", {GEO_GRID_BRITAIN, 651409, 313177, 1}},
        {" TG51409 13177 ", "TG 51409 13177", {GEO_GRID_BRITAIN, 651409, 313177, 1}},
        {"TG 5140 1317", "TG 5140 1317", {GEO_GRID_BRITAIN, 651400, 313170, 10}},
        {"TG 514 131", "TG 514 131", {GEO_GRID_BRITAIN, 651400, 313100, 100}},
        {"TG 51 13", "TG 51 13", {GEO_GRID_BRITAIN, 651000, 313000, 1000}},
        {"TG51", "TG 5 1", {GEO_GRID_BRITAIN, 650000, 310000, 10000}},
        {"TG", "TG", {GEO_GRID_BRITAIN, 600000, 300000, 100000}},
        {"TL683365", "TL 683 365", {GEO_GRID_BRITAIN, 568300, 236500, 100}},
        {"TL726350", "TL 726 350", {GEO_GRID_BRITAIN, 572600, 235000, 100}},
        {"TL701352", "TL 701 352", {GEO_GRID_BRITAIN, 570100, 235200, 100}},
        {"NN 166 712", "NN 166 712", {GEO_GRID_BRITAIN, 216600, 771200, 100}},
        {"ST 78100 62082", "ST 78100 62082", {GEO_GRID_BRITAIN, 378100, 162082, 1}},
        {"SJ8023085291", "SJ 80230 85291", {GEO_GRID_BRITAIN, 380230, 385291, 1}},
        {"SV", "SV", {GEO_GRID_BRITAIN, 0, 0, 100000}},
        {"HP", "HP", {GEO_GRID_BRITAIN, 400000, 1200000, 100000}},
        {"HU", "HU", {GEO_GRID_BRITAIN, 400000, 1100000, 100000}},
        {"TA", "TA", {GEO_GRID_BRITAIN, 500000, 400000, 100000}},
        {"SH 00", "SH 0 0", {GEO_GRID_BRITAIN, 200000, 300000, 10000}},
        {"TQ75G", "TQ75G", {GEO_GRID_BRITAIN, 572000, 152000, 2000}},
        {"sp 21 j", "SP21J", {GEO_GRID_BRITAIN, 422000, 218000, 2000}},
        {"SP21A", "SP21A", {GEO_GRID_BRITAIN, 420000, 210000, 2000}},
        {"SP21Z", "SP21Z", {GEO_GRID_BRITAIN, 428000, 218000, 2000}},
        {"N 000 500", "N 000 500", {GEO_GRID_IRELAND, 200000, 250000, 100}},
        {"O 285 376", "O 285 376", {GEO_GRID_IRELAND, 328500, 237600, 100}},
        {"V", "V", {GEO_GRID_IRELAND, 0, 0, 100000}},
        {"j 34 74", "J 34 74", {GEO_GRID_IRELAND, 334000, 374000, 1000}},
        {"O21J", "O21J", {GEO_GRID_IRELAND, 322000, 218000, 2000}},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_gridref r;
        geo_err err = {0};
        char printed[GEO_GRIDREF_ROOM];
        const geo_gridref *e = &CASES[i].r;
        CHECK(geo_gridref_parse(CASES[i].in, strlen(CASES[i].in), &r, &err) == GEO_OK, "'%s': %s", CASES[i].in, err.msg);
        CHECK(r.grid == e->grid && r.easting == e->easting && r.northing == e->northing && r.size_m == e->size_m, "'%s': %d %d %d",
              CASES[i].in, r.easting, r.northing, r.size_m);
        const size_t n = geo_gridref_print(r.grid, r.easting + r.size_m - 0.001, r.northing + 0.5, r.size_m, printed);
        CHECK(n == strlen(CASES[i].printed) && strcmp(printed, CASES[i].printed) == 0, "'%s': '%s'", CASES[i].in, printed);
    }
}

static void not_gridrefs(void **state)
{
    (void)state;
    static const struct {
        const char *in, *why;
    } CASES[] = {
        {"", "must be"},
        {" ", "must be"},
        {"51409 13177", "must be"},
        {"TGA", "must be"},
        {"TG 514091 131771", "must be"},
        {"TG 514-131", "must be"},
        {"T G 514 131", "must be"},
        {"TG 5131J", "must be"},
        {"TGJ", "must be"},
        {"TG51JJ", "must be"},
        {"TG51J1", "must be"},
        {"TG 514 13", "odd number"},
        {"TG 5", "odd number"},
        {"TG 514 13177", "halves"}, /* eight digits, but not 5141 3177 */
        {"TG 51 40 91", "one piece, or in two"},
        {"AA 12 34", "National Grid"}, /* north-west of it */
        {"WA 12 34", "National Grid"},
        {"TI 12 34", "National Grid"},
        {"TC 12 34", "National Grid"}, /* east of 700 km: column 7 */
        {"HE 12 34", "National Grid"}, /* north of 1300 km */
        {"I 12 34", "Irish Grid"},
        {"TG51O", "no tetrad O"},
        {"TG 5\xC3\xA9", "must be"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        geo_gridref r = {GEO_GRID_BRITAIN, -1, -1, -1};
        geo_err err = {0};
        CHECK(geo_gridref_parse(CASES[i].in, strlen(CASES[i].in), &r, &err) == GEO_EFORMAT && r.size_m == -1, "'%s'", CASES[i].in);
        CHECK(strstr(err.msg, CASES[i].why), "'%s': %s", CASES[i].in, err.msg);
    }
    char out[GEO_GRIDREF_ROOM] = "kept";
    assert_int_equal(geo_gridref_print(GEO_GRID_BRITAIN, -0.1, 0, 1, out), 0);
    assert_int_equal(geo_gridref_print(GEO_GRID_BRITAIN, 700000, 0, 1, out), 0);
    assert_int_equal(geo_gridref_print(GEO_GRID_BRITAIN, 0, 1300000, 1, out), 0);
    assert_int_equal(geo_gridref_print(GEO_GRID_IRELAND, 500000, 0, 1, out), 0);
    assert_int_equal(geo_gridref_print(GEO_GRID_BRITAIN, NAN, 0, 1, out), 0);
    assert_int_equal(geo_gridref_print(GEO_GRID_BRITAIN, 0, INFINITY, 1, out), 0);
    assert_int_equal(geo_gridref_print(GEO_GRID_BRITAIN, 0, 0, 500, out), 0);
    assert_string_equal(out, "kept");
}

/* What is printed for a place reads back as the square of that size that holds it: the place cut down to whole squares, a closed form. */
static void gridrefs_out_and_back(void **state)
{
    (void)state;
    static const int32_t SIZES[] = {100000, 10000, 2000, 1000, 100, 10, 1};
    geo_random random = unit_random("gridrefs_out_and_back");
    for (size_t i = 0; i < unit_tries(100000); i++) {
        const geo_grid grid = i % 3 ? GEO_GRID_BRITAIN : GEO_GRID_IRELAND;
        const double e = geo_random_uniform(&random) * (grid == GEO_GRID_BRITAIN ? 700000 : 500000),
                     n = geo_random_uniform(&random) * (grid == GEO_GRID_BRITAIN ? 1300000 : 500000);
        const int32_t size_m = SIZES[i % COUNT_OF(SIZES)];
        char text[GEO_GRIDREF_ROOM];
        geo_gridref r;
        const size_t len = geo_gridref_print(grid, e, n, size_m, text);
        CHECK(len && len == strlen(text) && geo_gridref_parse(text, len, &r, NULL) == GEO_OK, "%.3f %.3f: '%s'", e, n, text);
        CHECK(r.grid == grid && r.size_m == size_m && r.easting == floor(e / size_m) * size_m && r.northing == floor(n / size_m) * size_m,
              "%.3f %.3f %d: '%s'", e, n, size_m, text);
    }
}

/* ---- postcodes that were meant ---- */

static void postcodes_mended(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out; /* "": cannot be mended, or need not */
    } CASES[] = {
        {"S015 0AA", "SO150AA"}, /* Southampton with a zero */
        {"so15 oaa", "SO150AA"}, /* and a letter for the zero */
        {"0X1 1AA", "OX11AA"},   {"0L10 1AA", "OL101AA"}, {"CO1O 1AA", "CO101AA"}, {"M1 IAE", "M11AE"},
        {"M32 OAA", "M320AA"},   {"W1A OAX", "W1A0AX"},   {"EC1A IBB", "EC1A1BB"}, {"ECIA 1BB", "EC1A1BB"},
        {"G1R OAA", "GIR0AA"},   {"BI1 1AA", "B111AA"},   {"E1O 1AA", "E101AA"},   {"SW1A 1AA", ""}, /* is one */
        {"S01 1AA", ""}, /* is one by its form, though SO1 was meant */
        {"001 1AA", ""}, /* OO1 or O01 */
        {"M1 1A0", ""},  /* no O in the inward part */
        {"M1 11E", ""},          {"Q1 OAA", ""},          {"M1 5AE", ""},          {"MI SAE", ""},
        {"O0 1A", ""},           {"OOOOOOO", ""},         {"E0I000001", ""},       {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char out[GEO_POSTCODE_ROOM] = "";
        CHECK(geo_postcode_mend(CASES[i].in, strlen(CASES[i].in), out) == strlen(CASES[i].out) && strcmp(out, CASES[i].out) == 0,
              "'%s': '%s'", CASES[i].in, out);
    }
}

/* Spoil a postcode: what comes back, if anything does, is the postcode; and never from what is one still. */
static void mending_undoes_spoiling(void **state)
{
    (void)state;
    static const char *const FORMS[] = {"A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"};
    geo_random random = unit_random("mending_undoes_spoiling");
    size_t mended_n = 0;
    for (size_t i = 0; i < unit_tries(200000); i++) {
        char s[12], whole[GEO_POSTCODE_ROOM], again[GEO_POSTCODE_ROOM], bad[12];
        strcpy(s, FORMS[geo_random_next(&random) % COUNT_OF(FORMS)]);
        for (char *p = s; *p; p++) /* mostly the letters and digits that matter */
            if (*p == 'A')
                *p = "OOIBCEW"[geo_random_next(&random) % 7];
            else if (*p == '9')
                *p = "01012"[geo_random_next(&random) % 5];
        const size_t n = geo_postcode_normalise(s, strlen(s), whole);
        if (n == 0)
            continue;
        assert_int_equal(geo_postcode_mend(s, strlen(s), again), 0);
        strcpy(bad, whole);
        for (char *p = bad; *p; p++)
            if (strchr("O0I1", *p) && geo_random_next(&random) % 2)
                *p = *p == 'O' ? '0' : *p == '0' ? 'O' : *p == 'I' ? '1' : 'I';
        const bool still = geo_postcode_normalise(bad, n, again) > 0;
        const size_t k = geo_postcode_mend(bad, n, again);
        CHECK(k == 0 || (!still && k == n && strcmp(again, whole) == 0), "'%s' spoilt to '%s' gives '%s'", whole, bad, again);
        mended_n += k > 0;
    }
    assert_true(mended_n > 100);
}

static void sectors(void **state)
{
    (void)state;
    static const struct {
        const char *postcode, *sector;
    } CASES[] = {{"M32 0AA", "M32 0"}, {"M1 1AE", "M1 1"}, {"SW1A 1AA", "SW1A 1"}, {"DN55 1PD", "DN55 1"}, {"GIR 0AA", "GIR 0"}};
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char bare[GEO_POSTCODE_ROOM], sector[GEO_POSTCODE_ROOM];
        const size_t n = geo_postcode_normalise(CASES[i].postcode, strlen(CASES[i].postcode), bare);
        assert_int_equal(geo_postcode_sector(bare, n, sector), strlen(CASES[i].sector));
        assert_string_equal(sector, CASES[i].sector);
        char again[GEO_POSTCODE_ROOM];
        assert_int_equal(geo_postcode_sector_normalise(sector, strlen(sector), again), strlen(sector));
        assert_string_equal(again, sector);
    }
    static const struct {
        const char *in, *out;
    } FORMS[] = {{"ab10  1", "AB10 1"}, {" M1  1 ", "M1 1"}, {"m32\t0", "M32 0"}, {"M320", ""},  {"M11", ""},   {"M1 1A", ""},
                 {"M 1", ""},           {"Q1 1", ""},        {"M1 A", ""},        {"", ""},      {"M1", ""},    {" 1", ""},
                 {"M32 0AA", ""},       {"SW1AA 1", ""},     {"M1 ", ""},         {"A1 11", ""}, {"1 1 1", ""}, {"AA 1", ""},
                 {"GIR 1", ""},         {"E01000001", ""}};
    for (size_t i = 0; i < COUNT_OF(FORMS); i++) {
        char out[GEO_POSTCODE_ROOM] = "";
        CHECK(geo_postcode_sector_normalise(FORMS[i].in, strlen(FORMS[i].in), out) == strlen(FORMS[i].out)
                  && strcmp(out, FORMS[i].out) == 0,
              "'%s': '%s'", FORMS[i].in, out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gss_parts),
        cmocka_unit_test(gss_not),
        cmocka_unit_test(gss_none),
        cmocka_unit_test(uprns),
        cmocka_unit_test(uprns_compare_as_numbers),
        cmocka_unit_test(gridrefs),
        cmocka_unit_test(not_gridrefs),
        cmocka_unit_test(gridrefs_out_and_back),
        cmocka_unit_test(postcodes_mended),
        cmocka_unit_test(mending_undoes_spoiling),
        cmocka_unit_test(sectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
