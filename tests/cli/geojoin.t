# geojoin on good input. The areas are four squares of 1 km from 400000,300000 (E01 south-west, E02 south-east, E03 north-west, E04
# north-east), so every expected area can be told from the coordinates: the golden files were checked against them by eye.
A=--areas $D/areas.geojson --area-key code:ward

# A point on a border belongs to the area east of it, then north of it (areas.h): 005 to E02, 006 to E03.
0 clean.csv      geojoin $A $D/clean.csv
0 clean.csv      geojoin $A < $D/clean.csv
0 clean.csv      geojoin $A - < $D/clean.csv
0 clean.csv      cat $D/clean.csv | geojoin $A
0 clean.csv      geojoin $A -j 1 $D/clean.csv
0 clean.csv      geojoin $A -j 16 $D/clean.csv
0 clean.csv      gzip -c < $D/clean.csv > r.csv.gz; geojoin $A r.csv.gz
0 clean.csv      gzip -c < $D/clean.csv | geojoin $A
0 clean.csv      geojoin $A --threads=2 --quiet -- $D/clean.csv
0 clean.csv      sed 's/$/\r/' $D/clean.csv | geojoin $A | tr -d '\r'
0 clean.csv      printf '\357\273\277' | cat - $D/clean.csv | geojoin $A | sed '1s/^\xef\xbb\xbf//'
0 clean.csv      geojoin $A -o out.csv $D/clean.csv && cat out.csv
0 clean.csv      geojoin $A -o out.csv $D/clean.csv && geojoin $A --force -o out.csv $D/clean.csv && cat out.csv
0 clean.csv      sed 's/northing/n/;s/easting/e/' $D/clean.csv | geojoin $A -x e -y n --crs EPSG:27700 | sed '1s/,e,n,/,easting,northing,/'
0 clean.csv      cp $D/clean.csv same.csv; geojoin $A --force -o same.csv same.csv && cat same.csv
0 clean.csv      mkfifo p.csv; geojoin $A -o p.csv $D/clean.csv & cat p.csv; wait $!
# The last line may lack its end; blank lines are passed over.
0 clean.csv      head -c -1 $D/clean.csv | geojoin $A
0 clean.csv      sed 's/$/\n/' $D/clean.csv | geojoin $A
# 20,000 records, several pieces: the same bytes with one thread, seven threads, and from a pipe.
0 - awk 'BEGIN {print "id,easting,northing,pad"; for (i = 0; i < 40000; i++) printf "%06d,%d,%d,%0100d\n", i, 400000 + (i * 7919) % 2000, 300000 + (i * 104729) % 2000, i}' > m.csv; geojoin $A -j 1 -o 1.csv m.csv && geojoin $A -j 7 -o 7.csv m.csv && geojoin $A -j 3 < m.csv > p.csv && cmp 1.csv 7.csv && cmp 1.csv p.csv && test $(wc -l < 1.csv) = 40001 && test "$(awk -F, 'NR > 1 {w = "E0" 1 + ($2 >= 401000) + 2 * ($3 >= 301000); if ($5 != w) n++} END {print n + 0}' 1.csv)" = 0
# The default key is the first field.
0 key.csv        geojoin --areas $D/areas.geojson $D/clean.csv
0 key.csv        geojoin --areas $D/areas.geojson --area-key code $D/clean.csv
0 fields.csv     geojoin $A --area-fields name:area,share,rank:r $D/clean.csv
3 keep.csv       geojoin $A $D/points.csv
  stderr: 1 record is in none of the areas: line 8
3 keep.csv       geojoin $A --unmatched keep -q $D/points.csv
  not: geojoin
3 drop.csv       geojoin $A --unmatched drop $D/points.csv
  stderr: 1 record is in none of the areas: line 8
3 only.csv       geojoin $A --unmatched=only $D/points.csv
  stderr: line 8
3 keep.csv       geojoin $A -v $D/points.csv
  stderr: 7 records read, 6 matched, 7 rows written
0 two_areas.csv  geojoin $A --areas $D/areas.geojson --area-key code:again --area-fields name $D/clean.csv
# Areas in longitude and latitude, records in National Grid, and the other way: middle points lie 500 m from every border.
3 keep_middle.csv geojoin --areas $D/areas_ll.geojson --area-key code:ward -q <(grep -v -e ^005 -e ^006 $D/points.csv)
3 keep_middle.csv geojoin $A -q <(grep -v -e ^005 -e ^006 $D/points.csv)
0 lonlat.csv     printf 'id,lon,lat\n1,-1.994,52.602\n2,-1.98,52.602\n3,-1.994,52.611\n4,-1.98,52.611\n' | geojoin $A
0 lonlat.csv     printf 'id,lon,lat\n1,-1.994,52.602\n2,-1.98,52.602\n3,-1.994,52.611\n4,-1.98,52.611\n' | geojoin --areas $D/areas_ll.geojson --area-key code:ward
0 lonlat.csv     printf 'id,lon,lat\n1,-1.994,52.602\n2,-1.98,52.602\n3,-1.994,52.611\n4,-1.98,52.611\n' | geojoin $A --crs EPSG:4326
# OSTN15: its point TP09 (Ordnance Survey, developer pack) to the millimetre; without the grid it is 2 m away, which can be refused; a damaged
# grid is named; outside its area PROJ moves points, unless the grid is required.
0 *              printf 'id,lon,lat\n1,-1.994,52.602\n' | geojoin $A -v
  stderr: geojoin: coordinates moved by OSTN15 (WGS 84 taken as ETRS89), accurate to 1 m
0 *              printf 'id,lon,lat\n1,-1.994,52.602\n' | geojoin $A -v --crs EPSG:4258 --require-grid
  stderr: geojoin: coordinates moved by OSTN15, accurate to 0.03 m
0 *              printf 'id,lon,lat\n1,-1.994,52.602\n' | GEO_DATA_DIR=. geojoin $A -v
  stderr: Inverse of OSGB36 to WGS 84 (6) + British National Grid, accurate to 2 m
0 ostn15.csv     printf 'id,lon,lat\n1,-0.11992557180,51.48936564950\n' > p.csv; printf 'id,v\n1,a\n' > l.csv; geojoin --lookup l.csv --on id --require-grid --out-crs EPSG:27700 p.csv | awk -F, -v OFS=, 'NR > 1 {$4 = sprintf("%.3f", $4); $5 = sprintf("%.3f", $5)} {print}'
0 ostn15_back.csv printf 'id,easting,northing\n1,530624.974,178388.464\n' > p.csv; printf 'id,v\n1,a\n' > l.csv; geojoin --lookup l.csv --on id --out-crs OGC:CRS84 p.csv | awk -F, -v OFS=, 'NR > 1 {$4 = sprintf("%.8f", $4); $5 = sprintf("%.8f", $5)} {print}'
1 -              printf 'id,lon,lat\n1,-1.994,52.602\n' | GEO_DATA_DIR=. geojoin $A --require-grid
  stderr: geojoin: there are no OSTN15 shifts (ostn15.grid) here
0 *              GEO_DATA_DIR=. geojoin $A --require-grid $D/clean.csv
1 -              printf 'id,v\n1,a\n' > l.csv; printf 'id,easting,northing\n1,530624.974,178388.464\n' | GEO_DATA_DIR=. geojoin --lookup l.csv --on id --out-crs EPSG:4258 --require-grid
  stderr: geojoin: there are no OSTN15 shifts (ostn15.grid) here
# Also where a text spells National Grid in a way of its own, or names its datum alone.
1 -              printf 'id,lon,lat\n1,-1.994,52.602\n' | GEO_DATA_DIR=. geojoin --areas $D/areas.geojson --areas-crs '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m' --require-grid
  stderr: geojoin: there are no OSTN15 shifts (ostn15.grid) here
1 -              printf 'id,lon,lat\n1,-1.994,52.602\n' | GEO_DATA_DIR=. geojoin $A --crs EPSG:3857 --out-crs EPSG:4277 --require-grid
  stderr: geojoin: there are no OSTN15 shifts (ostn15.grid) here
# Without the grid and without --require-grid that is told, once, unless notes are not wanted.
0 *              printf 'id,lon,lat\n1,-1.994,52.602\n' | GEO_DATA_DIR=. geojoin $A --areas $D/areas.geojson --area-key code:again
  stderr: geojoin: without the OSTN15 shifts (ostn15.grid) coordinates moved between WGS 84 and National Grid are 2 m off, here and there 5 m
0 *              printf 'id,lon,lat\n1,-1.994,52.602\n' | GEO_DATA_DIR=. geojoin -q $A
  not: OSTN15
0 *              printf 'id,lon,lat\n1,-1.994,52.602\n' | geojoin $A
  not: OSTN15
# What moved coordinates is told though nothing was left to be moved to --out-crs.
3 *              printf 'id,lon,lat\n1,-3,53\n' | geojoin $A --unmatched drop --out-crs EPSG:3857 -v
  stderr: geojoin: coordinates moved by OSTN15 (WGS 84 taken as ETRS89), accurate to 1 m
1 -              head -c 100000 $BUILD_DIR/share/libgeo/ostn15.grid > ostn15.grid; printf 'id,lon,lat\n1,-1.994,52.602\n' | GEO_DATA_DIR=$PWD geojoin $A
  stderr: /ostn15.grid' is damaged or no OSTN15 grid of this version: install it again
0 *              printf 'id,lon,lat\n1,-0.11992557180,51.48936564950\n2,3.5,49\n' > p.csv; printf 'id,v\n1,a\n2,b\n' > l.csv; geojoin --lookup l.csv --on id --out-crs EPSG:27700 -v p.csv
  stderr: geojoin: coordinates moved by Ballpark geographic offset from WGS 84 (CRS84) to OSGB36 + British National Grid, accuracy unknown
3 *              printf 'id,lon,lat\n1,-0.11992557180,51.48936564950\n2,3.5,49\n' > p.csv; printf 'id,v\n1,a\n2,b\n' > l.csv; geojoin --lookup l.csv --on id --out-crs EPSG:27700 --require-grid -v p.csv
  stderr: 1 record has coordinates that cannot be moved to --out-crs and are left out: line 3
  stderr: geojoin: coordinates moved by OSTN15 (WGS 84 taken as ETRS89), accurate to 1 m
# Well-known text. POINT is the usual, the other cases are in bad.t.
0 wkt.csv        printf 'id,wkt\n1,POINT (400500 300500)\n2,POINT Z (401500 300500 7)\n' | geojoin $A --crs EPSG:27700
0 wkt.csv        printf 'id,wkt\n1,POINT (400500 300500)\n2,POINT Z (401500 300500 7)\n' | geojoin $A --crs EPSG:27700 --geometry-field wkt
# --out-crs appends the moved coordinates: 400500,300500 is 52.6023 N 1.9941 W (by Perl's Geo::Coordinates::OSGB, to 4 decimals).
0 out_crs.csv    geojoin $A --out-crs OGC:CRS84 <(head -2 $D/clean.csv) | awk -F, -v OFS=, 'NR > 1 {$5 = sprintf("%.4f", $5); $6 = sprintf("%.4f", $6)} {print}'
# Postcodes in any form, UPRNs with and without leading zeros, text as it stands (blanks around it aside).
3 postcodes.csv  geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa $D/addresses.csv
  stderr: 1 record has no key: line 9
  stderr: 1 record has a key that the lookup does not have: line 8
3 uprns.csv      geojoin --lookup $D/uprns.csv --on uprn --fields ward $D/assets.csv
  stderr: 2 records have a key that the lookup does not have: lines 6 and 7
3 text.csv       geojoin --lookup $D/codes.csv --on code --fields label $D/coded.csv
  stderr: 2 records have a key that the lookup does not have: lines 4 and 7
# All fields but the key, when none are named; chains through an attached key.
3 all_fields.csv geojoin --lookup $D/postcodes.csv --on pc=postcode -q $D/addresses.csv
3 chain.csv      geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa --lookup $D/deprivation.csv --on lsoa=lsoa_code --fields decile:imd -q $D/addresses.csv
3 chain_drop.csv geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa --lookup $D/deprivation.csv --on lsoa=lsoa_code --fields decile -q --unmatched drop $D/addresses.csv
0 place_key.csv  printf 'ward,town\nE01,Aldertown\nE02,Birchtown\nE03,Cedar\nE04,Llyn\n' > w.csv; geojoin $A --lookup w.csv --on ward --fields town $D/clean.csv
# A lookup that can be read only once, and one of GDAL's formats without --fields.
3 all_fields.csv geojoin --lookup <(cat $D/postcodes.csv) --on pc=postcode --fields lsoa,lat -q $D/addresses.csv
3 all_fields.csv geojoin --lookup <(cat $D/postcodes.csv) --on pc=postcode -q $D/addresses.csv
3 all_fields.csv ogr2ogr -f GPKG p.gpkg $D/postcodes.csv && geojoin --lookup p.gpkg --on pc=postcode -q $D/addresses.csv
3 all_fields.csv ogr2ogr -f GPKG p.gpkg $D/postcodes.csv -nln two && geojoin --lookup p.gpkg:two --on pc=postcode --fields lsoa,lat -q $D/addresses.csv
# Counts and sums, by hand from visits.csv: E01 has 3 records, spend 1.5 + 2.25 and one empty; hours 1 and 3 and one suppressed.
3 count.csv      geojoin $A --count $D/visits.csv
3 count_name.csv geojoin $A --count=users --area-fields name $D/visits.csv
3 sums.csv       geojoin $A --count --sum spend,hours --mean hours $D/visits.csv
  stderr: 2 values to be summed are suppressed and are left out of the sums: lines 3 and 5
  stderr: 1 value to be summed is empty and is left out of the sums: line 4
  stderr: 1 value to be summed is not a number and is left out of the sums: line 6
3 by.csv         geojoin $A --count --by service -q $D/visits.csv
3 all_areas.csv  geojoin $A --count --all-areas -q $D/visits.csv
3 all_areas_drop.csv geojoin $A --count --all-areas --unmatched drop -q $D/visits.csv
3 count_only.csv geojoin $A --count --unmatched only -q $D/visits.csv
# 0.1 + 0.2 + 0.3 with compensation, whatever the threads: 0.6 (printed shortest).
0 mean.csv       printf 'a,easting,northing\n0.1,400500,300500\n0.2,400500,300500\n0.3,400500,300500\n1e300,401500,300500\n1,401500,300500\n-1e300,401500,300500\n' | geojoin $A --count --sum a --mean a
0 count_key.csv  geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa --count <(head -7 $D/addresses.csv)
# A field of that name is in the records already: no crash, no guess.
2 -              printf 'id,easting,northing,code\n1,400500,300500,E01\n' > r.csv; printf 'code,v\nE01,x\n' > l.csv; geojoin --areas $D/areas.geojson --area-key code --lookup l.csv --on code r.csv
  stderr: attach it under a new name, as FIELD:NEW_NAME
2 -              printf 'id,easting,northing,code\n1,400500,300500,E01\n' > r.csv; printf 'code,v\nE01,x\n' > l.csv; geojoin --areas $D/areas.geojson --area-key code --lookup l.csv --on code --count r.csv
  stderr: attach it under a new name, as FIELD:NEW_NAME
# No records at all is no failure: the header comes out.
0 no_records.csv head -1 $D/clean.csv | geojoin $A
0 no_count.csv   head -1 $D/clean.csv | geojoin $A --count

# --keep: only some fields of the records, quoted as they must be; the class always goes along. The same as the first golden file without
# its coordinates.
0 kept_fields.csv geojoin $A --keep note,id $D/clean.csv
0 kept_fields.csv geojoin $A --keep id,note -j 3 < $D/clean.csv
2 -               geojoin $A --keep nothing $D/clean.csv
  stderr: no field 'nothing'
2 -               geojoin $A --keep id --count $D/clean.csv
  stderr: --keep is about records
