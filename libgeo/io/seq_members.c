/* Members of GeoJSON features that are no part of a table: kept as they are, or left out by name. */
#include "seq_read.h"

#include <string.h>

void geo_seq_leave_out(geo_piece *piece, const char *prefix, const geo_json_value *name)
{
    char room[GEO_SEQ_NAME], both[GEO_SEQ_NAME + 16];
    const size_t prefix_n = strlen(prefix);
    size_t n;
    const char *text = geo_seq_name(name, room, &n);
    if (!text)
        text = "?", n = 1;
    if (prefix_n) {
        memcpy(both, prefix, prefix_n);
        memcpy(both + prefix_n, text, n);
        text = both;
        n += prefix_n;
    }
    geo_left_out_add(&piece->left_out, text, n, 1);
}

/* One object of members: those that stay move together; returns how long it is then. */
static uint32_t judge(geo_members what, geo_piece *piece, char *object)
{
    geo_json_walk walk = {object, false};
    geo_json_value name, value;
    char *to = object + 1;
    while (geo_json_next(&walk, &name)) {
        const char *from = name.at - 1;
        walk.p = geo_json_pass(walk.p, &value); /* it has been passed before */
        if (what == GEO_MEMBERS_LEFT_OUT || geo_json_is(&name, "bbox")) {
            geo_seq_leave_out(piece, "", &name);
            continue;
        }
        if (to > object + 1)
            *to++ = ',';
        memmove(to, from, (size_t)(walk.p - from));
        to += walk.p - from;
    }
    *to = '}';
    return to > object + 1 ? (uint32_t)(to + 1 - object) : 0;
}

void geo_seq_judge_members(const geo_seq *s, geo_piece *piece, const geo_seq_others *others, const uint32_t *at, uint32_t *len)
{
    for (size_t r = 0; s->members != GEO_MEMBERS_KEPT && r < piece->batch.rows_n; r++)
        if (len[r])
            len[r] = judge(s->members, piece, others->text + at[r]);
    if (s->members == GEO_MEMBERS_LEFT_OUT || others->n == 0)
        return;
    piece->batch.members = others->text;
    piece->batch.members_at = at;
    piece->batch.members_len = len;
}
