# Figures by ground in common: squares of 10 m, A, B and C from west to east, and areas T1 over A and half of B, T2 over the other half and
# half of C, T3 elsewhere. Half of C is in none. By hand: T1 has 100 + 25 people, and a rate of (10 x 100 + 20 x 50) / 150 square metres.
G=--areal -a $D/ground_areas.geojson -k ward
0 areal.csv geojoin $G --sum people --mean rate --keep kind $D/ground_figures.geojson
0 areal.csv geojoin $G --sum people --mean rate --keep kind -j 1 $D/ground_figures.geojson
0 areal.csv ogr2ogr f.gpkg $D/ground_figures.geojson && geojoin $G --sum people --mean rate --keep kind f.gpkg
  needs: ogr2ogr
0 areal_inside.csv geojoin --areal=inside -a $D/ground_areas.geojson -k ward --area-fields name --sum people --mean rate --denominator people --rate 10 --all-areas $D/ground_figures.geojson
0 areal_pairs.csv geojoin $G $D/ground_figures.geojson
0 areal_pairs.csv geojoin $G --keep code,people,rate,kind $D/ground_figures.geojson
# Pairs are a lookup for --via: the same sums come out.
0 - geojoin $G --keep code $D/ground_figures.geojson > pairs.csv && geojoin --format csv $G --sum people $D/ground_figures.geojson | cut -d, -f1-3 > by_ground.csv; (echo code,people; echo A,100; echo B,50; echo C,40) | geojoin -q --from code --to ward --via pairs.csv --weights overlap_m2 --sum people | cut -d, -f1-3 | cmp - by_ground.csv
0 * geojoin $G --unmatched drop $D/ground_figures.geojson
  stdout: C,40,30,y,T2,50,0.5,personal
0 * geojoin $G --unmatched only --keep code $D/ground_figures.geojson
  stdout: C,,50,0.5,personal
# With what lies outside left out, the ground is still that in common, and its share the whole.
0 * geojoin --areal=inside -a $D/ground_areas.geojson -k ward --keep code $D/ground_figures.geojson
  stdout: B,T1,50,0.5,personal
  stdout: C,T2,50,1,personal
# A neighbour of whom a little is in the areas comes in whole: that is told.
0 * sed 's/400030, 3000/400090, 3000/g' $D/ground_figures.geojson > f.geojson; geojoin --areal=inside -a $D/ground_areas.geojson -k ward --sum people f.geojson
  stderr: 1 record has less than half of its ground in the areas, and --areal=inside puts all of it there
0 * geojoin $G --sum people -v $D/ground_figures.geojson
  stderr: 3 records read, 3 matched
2 - geojoin $G --all-areas $D/ground_figures.geojson
  stderr: needs figures: --sum or --mean
# The areas' shapes go along into a map, moved if so asked.
0 - geojoin $G --sum people -o out.gpkg $D/ground_figures.geojson && test "$(ogrinfo -q -dialect sqlite -sql "select count(*) n, sum(st_area(geom)) a from out where geom is not null" out.gpkg | grep -c -e '= 2$' -e '= 250$')" = 2
  needs: ogrinfo
0 - geojoin $G --sum people --out-crs OGC:CRS84 -o out.geojson $D/ground_figures.geojson && test "$(ogrinfo -so -al out.geojson | grep -c '^Extent: (-2')" = 1
  needs: ogrinfo
# In degrees the same, but for the curve of a border of 10 m on another projection.
0 areal.csv for f in figures areas; do ogr2ogr -t_srs OGC:CRS84 $f.geojson $D/ground_$f.geojson -lco COORDINATE_PRECISION=15; done; geojoin --areal -a areas.geojson -k ward --sum people --mean rate --keep kind figures.geojson | awk -F, -v OFS=, 'NR > 1 {$3 = sprintf("%.4g", $3) + 0; $5 = sprintf("%.4g", $5) + 0} {print}' | sed 's/13.33,/13.333333333333334,/'
  needs: ogr2ogr
# What is no polygon, or outside of all, is named and stands in the last row.
3 areal_lost.csv sed 's/\[400020, 300000\], \[400030, 300000\], \[400030, 300010\], \[400020, 300010\], \[400020, 300000\]/[500000,0],[500001,0],[500001,1],[500000,0]/' $D/ground_figures.geojson | sed 's/^]}/,{"type":"Feature","properties":{"code":"P","people":5},"geometry":{"type":"Point","coordinates":[400001,300001]}},{"type":"Feature","properties":{"code":"N","people":2},"geometry":null}]}/' > f.geojson; geojoin $G --sum people f.geojson
  stderr: 1 record is no polygon: feature 4
  stderr: 1 record has no coordinates: feature 5
  stderr: 1 record is in none of the areas: feature 3
3 * sed 's/\[400020, 300000\], \[400030, 300000\], \[400030, 300010\], \[400020, 300010\], \[400020, 300000\]/[500000,0],[500001,0],[500001,1],[500000,0]/' $D/ground_figures.geojson > f.geojson; geojoin $G --sum people -v f.geojson
  stderr: 3 records read, 2 matched
# Areas that overlap share what lies in both.
0 * sed 's/300050/300000/g; s/300060/300010/g' $D/ground_areas.geojson > a.geojson; geojoin --areal -a a.geojson -k ward --sum people $D/ground_figures.geojson
  stderr: 1 record has ground in several areas that overlap each other: it is divided among these
  stdout: T3,33.33333333333
  stderr: for two: ground in several counts in each, and may be taken for ground that is in none
2 - geojoin $G --count $D/ground_figures.geojson
  stderr: --count and --by are about records
2 - geojoin --areal --sum people $D/ground_figures.geojson
  stderr: --areal goes with one --areas
2 - geojoin --areal=outside -a $D/ground_areas.geojson --sum people $D/ground_figures.geojson
  stderr: --areal takes nothing or 'inside'
2 - geojoin $G --weights w --sum people $D/ground_figures.geojson
  stderr: --weights and --best-fit go with --via
2 - geojoin $G --sum people $D/figures.csv
  stderr: figures.csv
2 - geojoin $G --out-crs EPSG:4326 --sum people $D/ground_figures.geojson
  stderr: --out-crs: the output has no coordinates
4 - geojoin $G --sum people --release $D/ground_figures.geojson
  stderr: refused
