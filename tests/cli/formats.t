# Every format by its extension, in and out; what is written is read back by ogr2ogr.
A=--areas $D/areas.geojson --area-key code:ward

0 out_gpkg.csv    geojoin $A --area-fields share -o o.gpkg $D/clean.csv && ogr2ogr -f CSV -lco GEOMETRY=AS_XY /vsistdout/ o.gpkg
0 out_geojson.csv geojoin $A --area-fields share -o o.geojson $D/clean.csv && ogr2ogr -f CSV -lco GEOMETRY=AS_XY /vsistdout/ o.geojson
# FlatGeobuf, without an index, keeps the order too.
0 out_fgb.csv     geojoin $A --area-fields share -o o.fgb $D/clean.csv && ogr2ogr -f CSV -lco GEOMETRY=AS_XY /vsistdout/ o.fgb
0 out_shp.csv     geojoin $A --area-fields share -o o.shp $D/clean.csv && ogr2ogr -f CSV -lco GEOMETRY=AS_XY /vsistdout/ o.shp
  files: o.cpg o.dbf o.prj o.shp o.shx
0 out_csv.csv     geojoin $A --area-fields share -o o.csv $D/clean.csv && cat o.csv
  files: o.csv
0 out_gpkg.csv    geojoin $A --area-fields share --format GPKG -o odd.name $D/clean.csv && ogr2ogr -f CSV -lco GEOMETRY=AS_XY /vsistdout/ odd.name 2> /dev/null
0 out_csv.csv     geojoin $A --area-fields share --format csv -o odd.name $D/clean.csv && cat odd.name
# The reference system goes along.
0 srs.txt         for e in gpkg fgb shp geojson; do geojoin $A -o o.$e $D/clean.csv; gdalsrsinfo -o epsg o.$e | grep EPSG; done
0 srs_moved.txt   for e in gpkg fgb shp geojson; do geojoin $A --out-crs EPSG:4326 -o o.$e $D/clean.csv; gdalsrsinfo -o epsg o.$e | grep -o EPSG:4326; ogr2ogr -f CSV -lco GEOMETRY=AS_XY -where "id = '001'" /vsistdout/ o.$e | tail -1 | awk -F, '{printf "%.4f %.4f\n", $1, $2}'; done
# Counts with the shapes of the areas: 4 squares of 1,000,000 square metres.
0 count_shapes.csv geojoin $A --count=n --all-areas -o c.gpkg $D/clean.csv && ogr2ogr -f CSV /vsistdout/ c.gpkg -dialect sqlite -sql "SELECT ward, n, sdc_class, CAST(ST_Area(geom) AS INTEGER) AS m2, GeometryType(geom) AS kind FROM c"
0 count_shapes.csv geojoin $A --count=n --all-areas -o c.fgb $D/clean.csv && ogr2ogr -f CSV /vsistdout/ c.fgb -dialect sqlite -sql "SELECT ward, n, sdc_class, CAST(ST_Area(geometry) AS INTEGER) AS m2, GeometryType(geometry) AS kind FROM c ORDER BY ward"
# A row without coordinates comes out in every format.
3 no_place.csv    printf 'id,easting,northing\n1,400500,300500\n2,,\n3,401500,300500\n' > r.csv; geojoin $A -q -o o.gpkg r.csv; s=$?; ogr2ogr -f CSV /vsistdout/ o.gpkg; exit $s
3 no_place.csv    printf 'id,easting,northing\n1,400500,300500\n2,,\n3,401500,300500\n' > r.csv; geojoin $A -q -o o.geojson r.csv; s=$?; ogr2ogr -f CSV /vsistdout/ o.geojson; exit $s
3 no_place.csv    printf 'id,easting,northing\n1,400500,300500\n2,,\n3,401500,300500\n' > r.csv; geojoin $A -q -o o.shp r.csv; s=$?; ogr2ogr -f CSV /vsistdout/ o.shp; exit $s
3 no_place.csv    printf 'id,easting,northing\n1,400500,300500\n2,,\n3,401500,300500\n' > r.csv; geojoin $A -q -o o.fgb r.csv; s=$?; ogr2ogr -f CSV /vsistdout/ o.fgb; exit $s
# Tables without geometry, in the formats that hold them; the others say so before a record is read.
0 no_shapes.csv printf 'id,k\n1,a\n2,b\n' > r.csv; for e in gpkg sqlite dbf shz geojson fgb csv; do geojoin --lookup r.csv --on k --fields id:again -o o.$e r.csv; geojoin --format csv --lookup r.csv --on k --fields id:third --keep id,k,again,sdc_class o.$e; done
2 - printf 'id,k\n1,a\n' > r.csv; geojoin --lookup r.csv --on k --fields id:again -o o.shp r.csv
  stderr: cannot write 'o.shp': there are no coordinates or shapes, and the format is for them: write .dbf, .gpkg or .csv
  files: r.csv
# An old .shp is no part of a new .dbf.
2 - ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' st.shp $D/areas.geojson; rm st.dbf; printf 'id,k\n1,a\n' > r.csv; geojoin --lookup r.csv --on k --fields id:again -o st.dbf r.csv
  stderr: 'st.dbf' or a file that belongs to it exists: add --force to replace it
  files: r.csv st.cpg st.prj st.shp st.shx
0 - ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' st.shp $D/areas.geojson; printf 'id,k\n1,a\n' > r.csv; geojoin --lookup r.csv --on k --fields id:again --force -o st.dbf r.csv
  files: r.csv st.cpg st.dbf
# Codes stay codes: leading zeros, digits beyond a 64-bit number, and letters that look like an exponent.
0 codes_kept.csv  printf 'id,easting,northing,long,e,whole,real,day\n007,400500,300500,12345678901234567890,1E5,12,1.5,2024-02-29\n' > r.csv; geojoin $A -o o.gpkg r.csv && ogr2ogr -f CSV /vsistdout/ o.gpkg
0 codes_types.txt printf 'id,easting,northing,long,e,whole,real,day\n007,400500,300500,12345678901234567890,1E5,12,1.5,2024-02-29\n' > r.csv; geojoin $A -o o.gpkg r.csv && ogrinfo -so o.gpkg o | grep -E '^(id|long|e|whole|real|day|ward):'

# ---- in: areas ----
0 clean.csv       ogr2ogr -f GPKG a.gpkg $D/areas.geojson && geojoin --areas a.gpkg --area-key code:ward $D/clean.csv
0 clean.csv       ogr2ogr -f GPKG a.gpkg $D/areas.geojson -nln one && ogr2ogr -update a.gpkg $D/areas.geojson -nln two && geojoin --areas a.gpkg:two --area-key code:ward $D/clean.csv
0 clean.csv       ogr2ogr -f FlatGeobuf a.fgb $D/areas.geojson && geojoin --areas a.fgb --area-key code:ward $D/clean.csv
0 clean.csv       ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' a.shp $D/areas.geojson && geojoin --areas a.shp --area-key code:ward $D/clean.csv
0 clean.csv       ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' a.shp $D/areas.geojson && zip -q a.zip a.* && rm a.shp a.dbf && geojoin --areas a.zip --area-key code:ward $D/clean.csv
  needs: zip
0 clean.csv       gzip -c $D/areas.geojson > a.geojson.gz; geojoin --areas a.geojson.gz --area-key code:ward $D/clean.csv
  files: a.geojson.gz
0 clean.csv       ogr2ogr -f CSV a.csv $D/areas.geojson -lco GEOMETRY=AS_WKT && geojoin --areas a.csv --areas-crs EPSG:27700 --area-key code:ward $D/clean.csv
0 clean.csv       ogr2ogr -f GML a.gml $D/areas.geojson && rm -f a.xsd a.gfs && geojoin --areas a.gml --area-key code:ward $D/clean.csv
  files: a.gml
0 clean.csv       ogr2ogr -f SQLite a.sqlite $D/areas.geojson && geojoin --areas a.sqlite --area-key code:ward $D/clean.csv
  files: a.sqlite
0 clean.csv       sed 's/"crs":{[^}]*}}, *//;s/,"crs":{[^}]*}}//' $D/areas.geojson > a.geojson; geojoin --areas a.geojson --areas-crs EPSG:27700 --area-key code:ward $D/clean.csv
# GML by another name leaves nothing behind either; files that are but directions to data elsewhere are not followed.
0 clean.csv       ogr2ogr -f GML a.gml $D/areas.geojson && rm -f a.xsd a.gfs && mv a.gml a.xml && geojoin --areas a.xml --area-key code:ward $D/clean.csv
  files: a.xml
1 -               printf '<OGRVRTDataSource><OGRVRTLayer name="areas"><SrcDataSource>%s</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>' $D/areas.geojson > a.xml; ogrinfo a.xml | grep -q areas || exit 99; geojoin --areas a.xml --area-key code:ward $D/clean.csv
  stderr: cannot open 'a.xml' as a table: no format that is read from files fits it
1 -               printf '<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>' > a.gml; geojoin --areas a.gml --area-key code:ward $D/clean.csv
  stderr: cannot open 'a.gml' as a table: no format that is read from files fits it
# ---- in: records ----
R=-oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO -a_srs EPSG:27700
0 in_records.csv  ogr2ogr -f GPKG r.gpkg $D/clean.csv $R && geojoin $A r.gpkg
0 in_records.csv  ogr2ogr -f FlatGeobuf r.fgb $D/clean.csv $R -lco SPATIAL_INDEX=NO && geojoin $A --format csv r.fgb
0 in_records.csv  ogr2ogr -f GeoJSON r.geojson $D/clean.csv $R && geojoin $A r.geojson
0 in_records.csv  ogr2ogr -f GeoJSON r.geojson $D/clean.csv $R && gzip r.geojson && geojoin $A r.geojson.gz
  files: r.geojson.gz
0 in_records.csv  ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' r.shp $D/clean.csv $R && geojoin $A r.shp
0 in_records.csv  ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' r.shp $D/clean.csv $R && zip -q r.zip r.* && geojoin $A r.zip
  needs: zip
0 in_where.csv    ogr2ogr -f GPKG r.gpkg $D/clean.csv $R && geojoin $A --where "id > '004'" r.gpkg
0 in_records.csv  ogr2ogr -f GPKG r.gpkg $D/clean.csv $R -nln one && ogr2ogr -update r.gpkg $D/clean.csv $R -nln two && geojoin $A --layer two r.gpkg
# A shapefile counts the rows that it marks as deleted (a star in front of the row in the .dbf), and is none the worse for them.
0 in_deleted.csv  ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' r.shp $D/clean.csv $R && set -- $(od -An -tu2 -j8 -N4 r.dbf) && for i in 1 5; do printf '*' | dd of=r.dbf bs=1 seek=$(($1 + i * $2)) conv=notrunc status=none; done; geojoin $A r.shp
# Fields that have the names of the coordinate columns: no column twice.
0 -               ogr2ogr -f GPKG r.gpkg $D/clean.csv -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=YES -a_srs EPSG:27700 && geojoin $A r.gpkg | head -1 | tr , '\n' | sort | uniq -d
# A million-row file is not needed to cross a batch: 70,000 points, and 5,000 in a layer of unknown kind.
0 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 70000; i++) printf "%d,%d,%d\n", i, 400000 + (i * 7919) % 2000, 300000 + (i * 104729) % 2000}' > m.csv; ogr2ogr -f GPKG m.gpkg m.csv $R -oo AUTODETECT_TYPE=YES && geojoin $A -j 1 -o 1.csv m.gpkg && geojoin $A -j 5 -o 5.csv m.gpkg && cmp 1.csv 5.csv && geojoin $A m.csv | cmp - 1.csv

# Booleans (GDAL 3.6 fills them wrongly in its record batches), a filter on a field that nothing else asks for, and counts of a layer of
# which no field is asked for.
0 flags.csv  for e in geojson gpkg fgb; do ogr2ogr o.$e $D/flags.geojson; geojoin $A --format csv --keep id,f o.$e | sort; done
0 counted.csv for e in geojson gpkg fgb shp; do ogr2ogr c.$e $D/flags.geojson; geojoin $A --format csv --count --where "id <> 'a'" c.$e; geojoin $A --format csv --count c.$e; done

# What a format cannot hold is told, by field and number of rows: text and numbers in a shapefile (MapInfo and the file geodatabase have no
# 64-bit integers). At its limit all goes in.
0 widths_in.csv sed "s/T_/$(printf 'Z%.0s' {1..254})/;s/U_/u/;s/D_/1.5/;s/N_/123456789012345678/" $D/widths.geojson > r.geojson; geojoin $A -o o.shp r.geojson && ogr2ogr -f CSV /vsistdout/ o.shp | sed 's/ZZ*/Z/'
0 widths_cut.csv sed "s/T_/$(printf 'Z%.0s' {1..255})/;s/U_/$(printf '\303\251%.0s' {1..128})/;s/D_/1e25/;s/N_/-123456789012345678/" $D/widths.geojson > r.geojson; geojoin $A -o o.shp r.geojson && ogr2ogr -f CSV /vsistdout/ o.shp | head -1
  stderr: 'o.shp' cannot hold all of field 't': text longer than 254 bytes is cut in 1 row; a .gpkg can
  stderr: 'o.shp' cannot hold all of field 'u': text longer than 254 bytes is cut in 1 row
  stderr: 'o.shp' cannot hold all of field 'd': large or very small numbers are not what they were in 1 row
  stderr: 'o.shp' cannot hold all of field 'n': large or very small numbers
  not: field 'k'
0 -           sed 's/N_/9007199254740993/;s/D_/1e25/' $D/widths.geojson > r.geojson; geojoin $A -o o.tab r.geojson
  stderr: 'o.tab' cannot hold all of field 'n': large or very small numbers are not what they were in 1 row
  not: field 'd'
0 -           sed 's/N_/9007199254740993/;s/D_/1e25/' $D/widths.geojson > r.geojson; geojoin $A --format OpenFileGDB -o o.gdb r.geojson
  stderr: 'o.gdb' cannot hold all of field 'n': large or very small numbers are not what they were in 1 row
  not: field 'd'
# Formats that are archives, which GDAL writes by way of the name of the directory.
0 out_shp.csv geojoin $A --area-fields share -o o.shz $D/clean.csv && ogr2ogr -f CSV -lco GEOMETRY=AS_XY /vsistdout/ o.shz
  files: o.shz
0 -           geojoin $A -o o.xlsx $D/clean.csv && geojoin $A -o o.ods $D/clean.csv && ogr2ogr -f CSV x.csv o.xlsx && ogr2ogr -f CSV o.csv o.ods && cmp x.csv o.csv
# Fields that have the names of the columns a database makes are fields like others, twice the same number or not.
0 - printf 'fid,geom,easting,northing\n7,a,400500,300500\n7,b,401500,300500\n' > f.csv; for e in gpkg sqlite fgb geojson; do geojoin $A -o f.$e f.csv; geojoin --areas $D/areas.geojson --area-key code:w2 --format csv --keep fid,geom f.$e | cut -d, -f1-2 | cmp - <(cut -d, -f1-2 f.csv); done
# Formats that are in longitude and latitude whatever comes in: said, unless it was asked for.
0 - geojoin $A -o o.kml $D/clean.csv
  stderr: 'o.kml' is of a format that is always in longitude and latitude
0 - geojoin $A --out-crs OGC:CRS84 -o o.kml $D/clean.csv
# A large KML does not take time by the square of its rows (LIBKML would be minutes at it).
0 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%d,%d,%d\n", i, 400000 + i % 2000, 300000 + i % 1999}' > m.csv; geojoin -q $A -o m.kml m.csv
# What is no CSV and has no shapes is told how to become CSV.
2 - ogr2ogr -f XLSX r.xlsx $D/clean.csv 2> log; geojoin $A r.xlsx
  stderr: columns of coordinates are found in CSV alone: convert it (ogr2ogr -f CSV)
