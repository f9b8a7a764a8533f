/* Reading JSON where it stands (RFC 8259). */
#include "json.h"

#include <string.h>

#define DEEPEST 64

/* Past a string that starts behind its quote; NULL when it is not closed on its line, or has an escape that is none. */
static const char *pass_string(const char *p, geo_json_value *v)
{
    v->kind = GEO_JSON_STRING;
    v->at = p;
    v->plain = true;
    for (;; p++) {
        if (*p == '"') {
            v->n = (size_t)(p - v->at);
            return p + 1;
        }
        if ((unsigned char)*p < 0x20)
            return NULL;
        if (*p != '\\')
            continue;
        v->plain = false;
        p++;
        if (*p == 'u') {
            for (int i = 0; i < 4; i++)
                if (!strchr("0123456789abcdefABCDEF", *++p) || !*p)
                    return NULL;
        } else if (!*p || !strchr("\"\\/bfnrt", *p)) {
            return NULL;
        }
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *pass_digits(const char *p)
{
    if (!is_digit(*p))
        return NULL;
    while (is_digit(*p))
        p++;
    return p;
}

static const char *pass_number(const char *p, geo_json_value *v)
{
    v->kind = GEO_JSON_NUMBER;
    v->at = p;
    v->plain = true;
    p += *p == '-';
    p = *p == '0' ? p + 1 : pass_digits(p);
    if (p && *p == '.') {
        v->plain = false;
        p = pass_digits(p + 1);
    }
    if (p && (*p == 'e' || *p == 'E')) {
        v->plain = false;
        p += 1 + (p[1] == '+' || p[1] == '-');
        p = pass_digits(p);
    }
    if (p)
        v->n = (size_t)(p - v->at);
    return p;
}

static const char *pass_word(const char *p, const char *word, geo_json_kind kind, geo_json_value *v)
{
    const size_t n = strlen(word);
    *v = (geo_json_value){p, n, kind, true};
    return strncmp(p, word, n) == 0 ? p + n : NULL;
}

/* Past a value that is no array or object. */
static const char *pass_scalar(const char *p, geo_json_value *v)
{
    switch (*p) {
    case '"': return pass_string(p + 1, v);
    case 't': return pass_word(p, "true", GEO_JSON_TRUE, v);
    case 'f': return pass_word(p, "false", GEO_JSON_FALSE, v);
    case 'n': return pass_word(p, "null", GEO_JSON_NULL, v);
    default: return pass_number(p, v);
    }
}

/* Past the name of a member and its colon. */
static const char *pass_name(const char *p, geo_json_value *name)
{
    if (*p != '"' || !(p = pass_string(p + 1, name)))
        return NULL;
    p = geo_json_space(p);
    return *p == ':' ? geo_json_space(p + 1) : NULL;
}

/* Past an array or object: at each turn p is where a value or the end of the innermost one may stand. */
static const char *pass_nested(const char *p, geo_json_value *v)
{
    uint64_t objects = 0; /* a bit for each level */
    int depth = 0;
    bool first = true; /* nothing in the innermost one yet */
    *v = (geo_json_value){p, 0, *p == '{' ? GEO_JSON_OBJECT : GEO_JSON_ARRAY, false};
    geo_json_value inner;
    objects = *p++ == '{';
    depth = 1;
    while (depth) {
        p = geo_json_space(p);
        const bool object = objects & 1;
        if (*p == (object ? '}' : ']')) {
            p++;
            objects >>= 1;
            depth--;
            first = false;
            continue;
        }
        if (!first) {
            if (*p != ',')
                return NULL;
            p = geo_json_space(p + 1);
        }
        if (object && !(p = pass_name(p, &inner)))
            return NULL;
        first = *p == '{' || *p == '[';
        if (!first) {
            if (!(p = pass_scalar(p, &inner)))
                return NULL;
            continue;
        }
        if (++depth > DEEPEST)
            return NULL;
        objects = objects << 1 | (*p++ == '{');
    }
    v->n = (size_t)(p - v->at);
    return p;
}

const char *geo_json_pass(const char *p, geo_json_value *value)
{
    p = geo_json_space(p);
    return *p == '{' || *p == '[' ? pass_nested(p, value) : pass_scalar(p, value);
}

bool geo_json_next(geo_json_walk *walk, geo_json_value *name)
{
    const bool first = !walk->begun;
    const char *p = first && *walk->p != (name ? '{' : '[') ? NULL : geo_json_space(walk->p + first);
    walk->begun = true;
    walk->p = NULL;
    if (p && *p == (name ? '}' : ']')) {
        walk->p = p + 1;
        return false;
    }
    if (p && !first)
        p = *p == ',' ? geo_json_space(p + 1) : NULL;
    if (p && name)
        p = pass_name(p, name);
    walk->p = p;
    return p != NULL;
}

/* ---- text ---- */

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++)
        v = v << 4 | (unsigned)(is_digit(p[i]) ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    return v;
}

static size_t put_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | c);
    return n;
}

bool geo_json_text(const geo_json_value *value, char *out, size_t *n)
{
    static const char FROM[] = "bfnrt", TO[] = "\b\f\n\r\t";
    const char *p = value->at, *end = p + value->n;
    size_t k = 0;
    while (p < end) {
        if (*p != '\\') {
            out[k++] = *p++;
            continue;
        }
        p++;
        const char *known = strchr(FROM, *p);
        if (*p != 'u') {
            out[k++] = known ? TO[known - FROM] : *p;
            p++;
            continue;
        }
        unsigned c = hex4(p + 1);
        p += 5;
        if (c >= 0xD800 && c < 0xE000) {
            const unsigned low = c < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2) : 0;
            if (low < 0xDC00 || low >= 0xE000)
                return false;
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            p += 6;
        }
        k += put_utf8(out + k, c); /* never longer than its escape */
    }
    *n = k;
    return true;
}

bool geo_json_is(const geo_json_value *value, const char *text)
{
    char room[64];
    size_t n = 0;
    if (value->plain)
        return strlen(text) == value->n && memcmp(value->at, text, value->n) == 0;
    return value->n <= sizeof room && geo_json_text(value, room, &n) && strlen(text) == n && memcmp(room, text, n) == 0;
}
