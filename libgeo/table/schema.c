/* Schemas: finding fields by name, and saying well what is wrong when there is none. */
#include "column.h"

#include "../core/spelling.h"
#include "geo/number.h"
#include "geo/postcode.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

ptrdiff_t geo_schema_find(const geo_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->fields_n; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return (ptrdiff_t)i;
    for (size_t i = 0; i < schema->fields_n; i++)
        if (strcasecmp(schema->fields[i].name, name) == 0)
            return (ptrdiff_t)i;
    return -1;
}

ptrdiff_t geo_schema_geometry(const geo_schema *schema)
{
    for (size_t i = 0; i < schema->fields_n; i++)
        if (schema->fields[i].type == GEO_GEOMETRY)
            return (ptrdiff_t)i;
    return -1;
}

bool geo_schema_copy(geo_arena *arena, const geo_schema *from, geo_schema *to)
{
    geo_field *fields = geo_arena_array(arena, from->fields_n + 1, sizeof *fields);
    bool ok = fields != NULL;
    for (size_t i = 0; ok && i < from->fields_n; i++) {
        const geo_field *f = &from->fields[i];
        fields[i] = *f;
        fields[i].name = geo_arena_text(arena, f->name, strlen(f->name));
        fields[i].crs = f->crs ? geo_arena_text(arena, f->crs, strlen(f->crs)) : NULL;
        ok = fields[i].name && (!f->crs || fields[i].crs);
    }
    *to = (geo_schema){from->fields_n, fields};
    return ok;
}

const char *geo_schema_split_hint(const geo_schema *schema)
{
    for (size_t i = 0; i < schema->fields_n; i++)
        for (const char *r = schema->fields[i].name; (r = strchr(r, '\r')); r++)
            if (r[1] != '\n')
                return "its lines end in carriage returns alone, as on old Macintoshes: convert it, for instance with tr '\\r' '\\n'";
    const char *only = schema->fields_n == 1 ? schema->fields[0].name : "";
    if (strchr(only, ';'))
        return "it is separated by semicolons, not commas: convert it, for instance with ogr2ogr -f CSV NEW.csv OLD.csv";
    if (strchr(only, '\t'))
        return "it is separated by tabs, not commas: convert it, for instance with ogr2ogr -f CSV NEW.csv OLD.csv";
    return NULL;
}

/* Does a name look like a value: a number, a date, a postcode, several lines? Then the first line may be a record, and nobody's business. */
static bool lacks_header(const geo_schema *schema)
{
    bool found = false;
    for (size_t i = 0; i < schema->fields_n && !found; i++) {
        const char *name = schema->fields[i].name;
        const size_t n = strlen(name);
        char postcode[GEO_POSTCODE_ROOM];
        double number;
        int32_t days;
        found = geo_number_parse(name, n, &number) || geo_date_parse(name, n, &days) || geo_postcode_normalise(name, n, postcode) > 0
                || strpbrk(name, "\r\n");
    }
    return found;
}

geo_status geo_schema_missing(const geo_schema *schema, const char *name, geo_err *err)
{
    const char *hint = geo_schema_split_hint(schema);
    if (!hint && lacks_header(schema))
        hint = "the first line of the table does not look like names of fields: does it lack a header line?";
    if (hint) /* and no names: they may be more than the header */
        return geo_err_set(err, GEO_EARG, "no field '%s': %s", name, hint);
    const char *nearest = NULL;
    unsigned least = (unsigned)(strlen(name) / 2 + 2);
    for (size_t i = 0; i < schema->fields_n; i++) {
        const unsigned d = geo_edit_distance(name, schema->fields[i].name);
        if (d < least) {
            least = d;
            nearest = schema->fields[i].name;
        }
    }
    if (nearest)
        return geo_err_set(err, GEO_EARG, "no field '%s' (is it '%s'?)", name, nearest);
    char names[300] = "";
    size_t n = 0;
    for (size_t i = 0; i < schema->fields_n && n < 200; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%.60s", i ? ", " : "", schema->fields[i].name);
    return geo_err_set(err, GEO_EARG, "no field '%s'; there are: %s", name, names);
}

geo_status geo_schema_pick(const geo_schema *schema, const char *name, size_t *at, geo_err *err)
{
    size_t exact_n = 0, alike_n = 0;
    for (size_t i = 0; i < schema->fields_n; i++) {
        exact_n += strcmp(schema->fields[i].name, name) == 0;
        alike_n += strcasecmp(schema->fields[i].name, name) == 0;
    }
    if (alike_n == 0)
        return geo_schema_missing(schema, name, err);
    if (exact_n > 1 || (exact_n == 0 && alike_n > 1))
        return geo_err_set(err, GEO_EARG, "there are %zu fields called '%s': which one is meant? Rename the others",
                           exact_n ? exact_n : alike_n, name);
    *at = (size_t)geo_schema_find(schema, name);
    return GEO_OK;
}

/* Whatever is neither letter, digit nor underscore does not count: blanks, no-break blanks and marks that nobody sees. */
bool geo_names_class(const char *name)
{
    const char *wanted = GEO_CLASS_COLUMN;
    for (; *name; name++) {
        const unsigned char c = (unsigned char)*name;
        if (c >= 0x80 || !(c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')))
            continue;
        if ((c == '_' || c <= '9' ? c : (c | 32)) != (unsigned char)*wanted++)
            return false;
    }
    return *wanted == '\0';
}

geo_status geo_schema_check_class(const geo_schema *schema, const char *table, geo_err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < schema->fields_n; i++) {
        const char *name = schema->fields[i].name;
        if (!geo_names_class(name))
            continue;
        if (strlen(name) != strlen(GEO_CLASS_COLUMN))
            return geo_err_set(err, GEO_EFORMAT,
                               "'%s' has a field called " GEO_CLASS_COLUMN " but for blanks or marks in its name: take them out", table);
        n++;
    }
    return n > 1 ? geo_err_set(err, GEO_EFORMAT, "'%s' has %zu fields called " GEO_CLASS_COLUMN ": remove all but one", table, n) : GEO_OK;
}
