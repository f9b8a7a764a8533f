/*
 * borough OUTDIR [--seed N]: writes Exemplar Borough, a synthetic local authority with planted truths, into OUTDIR.
 *
 * README.md says what the files hold; borough.h how they come about.
 */
#include "borough.h"

#include "must.h"

#include <stdlib.h>
#include <string.h>

static const char *const SYNOPSIS = "borough OUTDIR [--seed N]";

void borough_clear(borough *b)
{
    partition_clear(&b->partition);
    shapes_clear(&b->oa_shapes);
    shapes_clear(&b->lsoa_shapes);
    shapes_clear(&b->msoa_shapes);
    shapes_clear(&b->ward_shapes);
    shapes_clear(&b->whole_shapes);
    shapes_clear(&b->district_shapes);
    shapes_clear(&b->old_lsoa_shapes);
    free(b->cell_seeds);
    free(b->oa_of_cell);
    free(b->oas);
    free(b->lsoas);
    free(b->postcodes);
    free(b->addresses);
    free(b->members);
    free(b->users);
    free(b->districts);
    free(b->district_of_oa);
    free(b->old_lsoas);
    free(b->old_lsoa_of_oa);
    free(b->roads.nodes);
    free(b->roads.links);
    free(b->roads.xy);
    free(b->capped);
    free(b->hmos);
    for (int i = 0; i < COVARIATES_N; i++)
        free(b->covariate[i]);
    free(b->likelihood);
    free(b->weight);
    free(b->bats);
    free(b->applications);
    *b = (borough){0};
}

int main(int argc, char **argv)
{
    program_name = "borough";
    borough b = {.seed = 1};
    const char *outdir = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            print_usage(SYNOPSIS);
        else if (strcmp(argv[i], "--seed") == 0)
            b.seed = must_number(SYNOPSIS, "--seed", ++i < argc ? argv[i] : "", 0, UINT64_MAX);
        else if (argv[i][0] != '-' && argv[i][0] != '\0' && !outdir)
            outdir = argv[i];
        else
            die_usage(SYNOPSIS, "cannot use '%s'", argv[i]);
    }
    if (!outdir)
        die_usage(SYNOPSIS, "no folder to write to");
    out_folder *folder = out_folder_open(outdir);
    borough_make_land(&b);
    borough_make_homes(&b);
    borough_make_figures(&b);
    borough_make_users(&b);
    borough_make_electors(&b);
    borough_make_vintage(&b);
    borough_make_roads(&b);
    borough_make_lives(&b);
    borough_make_habitat(&b);
    borough_make_bats(&b);
    borough_write_areas(&b, folder);
    borough_write_tables(&b, folder);
    borough_write_electors(&b, folder);
    borough_write_vintage(&b, folder);
    borough_write_roads(&b, folder);
    borough_write_lives(&b, folder);
    borough_write_habitat(&b, folder);
    borough_write_bats(&b, folder);
    borough_write_truths(&b, folder);
    out_folder_close(folder);
    borough_clear(&b);
    return 0;
}
