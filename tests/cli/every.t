# Areas that overlap: Z1 from 400000 to 401500, Z2 from 401000 to 402000, and Z3 a square in both. p1 is in Z1, p2 in two of them, p3 in all
# three, p4 30 m east of Z2, p5 far away, p6 nowhere. Plot q has 500 m of Z1 and 400 m of Z2, r 100 m and 300 m, s is in Z2, t outside.
Z=-a $D/zones.geojson -k zone
3 every_one.csv geojoin $Z $D/zoned.csv
  stderr: 2 records are in more than one area; they went to the one whose key sorts first: lines 3 and 4
3 every.csv geojoin $Z --every --area-fields kind $D/zoned.csv
  not: more than one area
3 every.csv geojoin $Z --every --area-fields kind -j 1 < $D/zoned.csv
# A step that goes by what an earlier one found follows each row; a row counts where it is in both.
3 every_follow.csv geojoin $Z --every --area-fields kind -l $D/kinds.csv --on kind $D/zoned.csv
3 every_drop.csv geojoin $Z --every --area-fields kind -l $D/kinds.csv --on kind --unmatched drop $D/zoned.csv
3 every_only.csv geojoin $Z --every --area-fields kind -l $D/kinds.csv --on kind --unmatched only $D/zoned.csv
# Two layers, each with all of theirs: 3 x 3 for p3.
3 * geojoin $Z --every -a $D/zones.geojson -k zone:other --every $D/zoned.csv
  stdout: p3,401200,300500,Z3,Z2,personal
3 - geojoin -q $Z --every -a $D/zones.geojson -k zone:other --every $D/zoned.csv | grep -c '^p3' | grep -vx 9; exit 3
3 every_count.csv geojoin $Z --every --count=n --all-areas $D/zoned.csv
3 every_keep.csv geojoin $Z --every --keep id $D/zoned.csv
# Counts in the same file, with many records: as many rows as awk finds.
0 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 60000; i++) printf "%d,%d,%d\n", i, 400000 + (i * 7919) % 2000, 300001 + (i * 104729) % 998}' > m.csv; geojoin $Z --every -j 1 -o 1.csv m.csv && geojoin $Z --every -j 7 -o 7.csv m.csv && cmp 1.csv 7.csv && test "$(sed 1d 1.csv | wc -l)" = "$(awk -F, 'NR > 1 {e = $2 - 400000; n = $3 - 300000; c += (e < 1500) + (e >= 1000) + (e >= 1100 && e < 1300 && n >= 400 && n < 600)} END {print c}' m.csv)"
# Polygons go where most of them is, or everywhere.
3 plots.csv geojoin $Z --format csv --keep plot $D/plots.geojson
  stderr: 2 polygons lie in more than one area; they went where most of each is: features 1 and 2
  stderr: 1 record is in none of the areas: feature 4
3 plots_every.csv geojoin $Z --every --format csv --keep plot $D/plots.geojson
3 plots_every.csv ogr2ogr -t_srs OGC:CRS84 p.geojson $D/plots.geojson -lco COORDINATE_PRECISION=12; geojoin $Z --every --format csv --keep plot p.geojson
  needs: ogr2ogr
3 plots_count.csv geojoin $Z --count $D/plots.geojson --format csv
# The nearest area, in metres also where the areas are in degrees.
3 nearest.csv geojoin $Z --nearest 31 $D/zoned.csv
  stderr: 1 record is in none of the areas and went to the nearest: line 5
  stderr: 1 record is in none of the areas: line 6
3 every_one.csv geojoin $Z --nearest 29.9 $D/zoned.csv
3 nearest.csv ogr2ogr -t_srs OGC:CRS84 z.geojson $D/zones.geojson -lco COORDINATE_PRECISION=12; geojoin -a z.geojson -k zone --nearest 30.5 $D/zoned.csv
  needs: ogr2ogr
3 every_one.csv ogr2ogr -t_srs OGC:CRS84 z.geojson $D/zones.geojson -lco COORDINATE_PRECISION=12; geojoin -a z.geojson -k zone --nearest 29.5 $D/zoned.csv
  needs: ogr2ogr
2 - geojoin $Z --nearest 0 $D/zoned.csv
  stderr: --nearest: takes metres
2 - geojoin --every $Z $D/zoned.csv
  stderr: belongs to the --areas before it
