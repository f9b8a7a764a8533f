# FlatGeobuf in pipes: our own codec, and GDAL's at the other end.
A=--areas $D/areas.geojson --area-key code:ward

# What comes in as FlatGeobuf goes on as FlatGeobuf; --format says otherwise. Three tools' worth of steps are one in the end.
0 fgb_pipe.csv geojoin $A --format fgb $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:again | geojoin --areas $D/areas.geojson --area-key code:third --format csv
0 fgb_pipe.csv geojoin $A --format fgb $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:again -o p.fgb && gzip p.fgb && geojoin --areas $D/areas.geojson --area-key code:third --format csv p.fgb.gz
# GDAL writes and reads it, in both directions. It makes date-times of dates, and of times those of the year 0.
0 fgb_gdal.csv ogr2ogr -f FlatGeobuf -lco SPATIAL_INDEX=NO /vsistdout/x.fgb $D/times.geojson 2> log | geojoin $A --format csv | sort
0 fgb_gdal.csv ogr2ogr -f FlatGeobuf -lco SPATIAL_INDEX=YES x.fgb $D/times.geojson 2> log; geojoin $A --format csv x.fgb | sort
# A table comes back from it as it was, leading zeros, dates and the columns of its coordinates.
0 fgb_types.txt printf 'id,whole,real,day,easting,northing\n007,9007199254740993,0.1,2024-02-29,400500,300500\n008,-5,,1899-12-31,401500,300500\n009,,2.5,,400500,301500\n' > r.csv; geojoin $A -q -o r.fgb r.csv; ogrinfo -q -al r.fgb; geojoin --areas $D/areas.geojson --area-key code:w2 --format csv r.fgb
# Rows without a place, tables without rows and tables without shapes stay what they are.
3 fgb_none.csv printf 'id,easting,northing\n1,400500,300500\n2,,\n' | geojoin $A -q --format fgb | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv -q; exit ${PIPESTATUS[2]}
0 fgb_empty.csv head -1 $D/clean.csv | geojoin $A --format fgb | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv
0 fgb_plain.csv geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa --format fgb $D/addresses.csv -q | tee x.fgb | geojoin --lookup $D/deprivation.csv --on lsoa=lsoa_code --fields decile --format csv -q; ogrinfo -so -q -al x.fgb | grep -c Geometry > /dev/null; true
# Areas and lookups; lines and polygons keep their kinds.
0 fgb_areas.csv ogr2ogr -f FlatGeobuf a.fgb $D/areas.geojson && geojoin --areas a.fgb --area-key code:ward $D/clean.csv
0 fgb_shapes.txt printf 'kind,v\npoint,1\nline,2\npolygon,3\nmultipoint,4\nmultiline,5\nmultipolygon,6\nnone,7\n' > l.csv; geojoin --lookup l.csv --on kind -o s.fgb $D/shapes.geojson; ogrinfo -q -al s.fgb; geojoin --lookup l.csv --on kind --fields v:w -o t.fgb s.fgb; cmp <(ogrinfo -q -al t.fgb | grep -E '\(\(|POINT|STRING') <(ogrinfo -q -al s.fgb | grep -E '\(\(|POINT|STRING')
0 fgb_count.txt geojoin $A --count -o c.fgb $D/clean.csv && ogrinfo -q -al c.fgb
# Where the columns of the coordinates have stayed behind, the geometry brings them back.
0 fgb_kept.csv geojoin $A --keep id --format fgb $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv
# Filters know the types; a layer has a name.
0 fgb_where.csv printf 'id,n,day,easting,northing\na,5,2024-02-29,400500,300500\nb,50,2024-03-01,401500,300500\nc,,,400500,301500\n' > r.csv; geojoin $A -q -o r.fgb r.csv; for w in 'n > 10' "day < '2024-03-01'" 'n IS NULL' "id = 'a' OR ward = 'E02'"; do geojoin --areas $D/areas.geojson --area-key code:w2 --format csv --where "$w" r.fgb; done
2 - geojoin $A -o r.fgb $D/clean.csv; geojoin --areas $D/areas.geojson --area-key code:w2 --layer other r.fgb
  stderr: 'r.fgb' has no layer 'other'; its only one is 'r'
0 * geojoin $A -o r.fgb $D/clean.csv; geojoin --areas $D/areas.geojson --area-key code:w2 --layer r --format csv r.fgb
2 - geojoin $A -o r.fgb $D/clean.csv; geojoin --areas $D/areas.geojson --area-key code:w2 -x easting -y northing r.fgb
  stderr: --x and --y name columns of CSV
# What is cut is an error, also between two features; so are two tables one after another.
1 - geojoin $A -o r.fgb $D/clean.csv; head -c $(($(stat -c %s r.fgb) - 200)) r.fgb | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv -q -o o.csv
  stderr: 'standard input' is damaged or cut short beyond feature
  files: r.fgb
1 - geojoin $A -o r.fgb $D/clean.csv; cat r.fgb r.fgb | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv -q -o o.csv
  stderr: 'standard input' is damaged or cut short beyond feature 6
1 - printf 'fgb\3fgb\1\377\377\377\377' | geojoin $A
  stderr: 'standard input' is a damaged FlatGeobuf file: its header has a size that cannot be
# The class travels, and a release leaves it out or is refused.
0 fgb_class.csv geojoin $A --class special --format fgb $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv --keep id,sdc_class
4 - geojoin $A --class special --format fgb $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:w2 --release
  stderr: refused

# ---- GeoJSON text sequences: one feature a line, for people, jq and the web ----
0 seq_pipe.txt geojoin $A --format geojsonl $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:again | tee x | head -2 | geojoin --areas $D/areas.geojson --area-key code:third | jq -c .properties.third; wc -l < x
0 seq_csv.csv geojoin $A --format geojsonl $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv
# In longitude and latitude nothing is said of it; with record separators, as RFC 8142 has them and GDAL writes them; packed.
0 seq_lonlat.txt geojoin $A --out-crs OGC:CRS84 -o o.geojsonl $D/clean.csv; grep -c '"crs"' o.geojsonl; ogr2ogr -f CSV /vsistdout/ o.geojsonl -select id,ward | head -2; gzip o.geojsonl; geojoin --areas $D/areas.geojson --area-key code:w2 --keep id --format csv o.geojsonl.gz | cut -d, -f1,2 | head -5
0 seq_marks.csv ogr2ogr -f GeoJSONSeq -lco RS=YES t.geojsonl $D/times.geojson 2> log; geojoin $A --format csv t.geojsonl; cat t.geojsonl | geojoin $A --format csv
# Through all three formats and back: zeros in front, dates, 64 bits, empty values, rows without a place.
3 seq_round.txt printf 'id,whole,real,day,note,easting,northing\n007,9007199254740993,0.1,2024-02-29,"a ""b"", c",400500,300500\n008,-5,,1899-12-31,,401500,300500\n009,,2.5,,D\303\265r,,\n' > r.csv; geojoin $A -q -o r.fgb r.csv; geojoin --lookup r.csv --on id --fields real:again --format geojsonl -q < r.fgb > r.geojsonl; geojoin --lookup r.csv --on id --fields real:third --format fgb -q r.geojsonl > s.fgb; geojoin --lookup r.csv --on id --fields real:fourth --format csv -q s.fgb; cat r.geojsonl; geojoin $A -q r.csv > /dev/null
# Shapes of all kinds, as GDAL has them.
0 seq_shapes.txt printf 'kind,v\npoint,1\nline,2\npolygon,3\nmultipoint,4\nmultiline,5\nmultipolygon,6\nnone,7\n' > l.csv; ogr2ogr -f GeoJSONSeq a.geojsonl $D/shapes.geojson; geojoin --lookup l.csv --on kind -o b.geojsonl a.geojsonl; for f in a b; do ogr2ogr -f CSV -lco GEOMETRY=AS_WKT -select kind /vsistdout/ $f.geojsonl; done; geojoin --lookup l.csv --on kind -o c.fgb a.geojsonl; ogrinfo -so -q -al c.fgb; ogrinfo -q -al c.fgb | grep -c -E 'POINT|STRING|POLYGON'
0 in_records_seq.csv ogr2ogr -f GeoJSONSeq a.geojsonl $D/areas.geojson; geojoin --areas a.geojsonl --area-key code:ward $D/clean.csv
0 seq_where.csv printf 'id,n,day,easting,northing\na,5,2024-02-29,400500,300500\nb,50,2024-03-01,401500,300500\nc,,,400500,301500\n' > r.csv; geojoin $A -q -o r.geojsonl r.csv; for w in 'n > 10' "day < '2024-03-01'" 'n IS NULL' "id = 'a' OR ward = 'E02'"; do geojoin --areas $D/areas.geojson --area-key code:w2 --format csv --where "$w" r.geojsonl; done
# A property that no feature of the first chunk has is told; a class is never passed over.
3 * for i in $(seq 20000); do echo '{"type":"Feature","properties":{"id":"'$i'"},"geometry":null}'; done > x; echo '{"type":"Feature","properties":{"id":"z","late":1},"geometry":null}' >> x; printf 'id,v\nz,1\n' > l.csv; cat x | geojoin --lookup l.csv --on id --unmatched drop; cat x | geojoin --lookup l.csv --on id --unmatched drop -q > o; exit $?
  stderr: 1 value cannot be read as its column's type and is left out: feature 20001
1 - for i in $(seq 20000); do echo '{"type":"Feature","properties":{"id":"'$i'"},"geometry":null}'; done > x; echo '{"type":"Feature","properties":{"id":"z","sdc_class":"special"},"geometry":null}' >> x; printf 'id,v\nz,1\n' > l.csv; cat x | geojoin --lookup l.csv --on id --unmatched drop
  stderr: feature 20001: 'standard input' has an sdc_class that its first features lack: give it as a file
0 * for i in $(seq 20000); do echo '{"type":"Feature","properties":{"id":"'$i'"},"geometry":null}'; done > x.geojsonl; echo '{"type":"Feature","properties":{"id":"z","sdc_class":"special","late":1},"geometry":null}' >> x.geojsonl; printf 'id,v\nz,1\n' > l.csv; geojoin --lookup l.csv --on id --unmatched drop -q x.geojsonl || test $? = 3
  stdout: {"type":"Feature","properties":{"id":"z","sdc_class":"special","late":1,"v":1},"geometry":null}
# What is no sequence says what to do.
1 - geojoin $A < $D/areas.geojson
  stderr: 'standard input'
1 - echo '{"type":"FeatureCollection","features":[]}' | geojoin $A
  stderr: jq -c '.features[]'
1 - geojoin $A --format geojsonl $D/clean.csv | head -c 900 | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv -q
  stderr: feature 4: 'standard input' has a record that is no JSON: it is damaged or cut short
1 - geojoin $A --crs '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +units=m' -o o.geojsonl $D/clean.csv
  stderr: GeoJSON has no way to say its reference system; say --out-crs OGC:CRS84
  files:
4 - geojoin $A --format geojsonl $D/clean.csv | geojoin --areas $D/areas.geojson --area-key code:w2 --release
  stderr: refused
# An index over one feature has a node more than the feature (GDAL's default writes one).
0 fgb_one.csv head -2 $D/clean.csv > one.csv; ogr2ogr -f FlatGeobuf one.fgb one.csv -a_srs EPSG:27700 -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing && geojoin $A --format csv one.fgb
# Reference systems are said so that GDAL understands them, whatever way they came in.
0 fgb_crs.txt printf 'id,x,y\na,530000,180000\n' > r.csv; printf 'id,v\na,1\n' > l.csv; for c in EPSG:27700 urn:ogc:def:crs:EPSG::27700 IGNF:LAMB93 OGC:CRS84 '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +units=m'; do geojoin --lookup l.csv --on id -x x -y y --crs "$c" --format fgb r.csv | ogr2ogr -f GeoJSON /vsistdout/ /vsistdin/ | grep -o '"crs".*' | cut -c1-90; done 2> log; geojoin --lookup l.csv --on id -x x -y y --crs IGNF:LAMB93 -o o.fgb r.csv; ogrinfo -so -al o.fgb | grep -c 'ID\["IGNF","LAMB93"\]'
# A class in the header's metadata raises, and one that is none counts as special.
4 - printf 'dataset clean.csv class open\ndataset areas.geojson class open\ndataset r.fgb class open\n' > p; geojoin $A --policy p --release -o r.fgb $D/clean.csv; sed -i 's/"version":"0.1.0"/"sdc_class":"xxx"/' r.fgb; geojoin --areas $D/areas.geojson --area-key code:w2 --policy p --release --format csv r.fgb
  stderr: refused: a release may hold open records only, and there are special ones
4 - printf 'dataset none.csv class open\ndataset areas.geojson class open\ndataset r.fgb class open\n' > p; head -1 $D/clean.csv > none.csv; geojoin $A --policy p --release -o r.fgb none.csv; sed -i 's/"version":"0.1.0"/"sdc_class":"xxx"/' r.fgb; geojoin --areas $D/areas.geojson --area-key code:w2 --policy p --release --format csv r.fgb
  stderr: refused

# ---- what is no part of a table ----
# Other members of features stay, but for a bbox whose shape has moved; escapes and blanks are theirs.
0 seq_members.txt printf 'id,v\n1,x\n2,y\n' > l.csv; printf '%s\n' '{"id":7,"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Point","coordinates":[-1.994,52.602]},"tippecanoe":{"maxzoom" : 9},"bb\u006fx":[1,2,3,4]}' '{"type":"Feature","properties":{"id":"2"},"geometry":null,"x\u001b[31m":"\u0000"}' > m.geojsonl; geojoin --lookup l.csv --on id < m.geojsonl; geojoin --lookup l.csv --on id --where "id = '2'" < m.geojsonl; geojoin --lookup l.csv --on id --unmatched only < m.geojsonl; geojoin --lookup l.csv --on id --out-crs EPSG:27700 < m.geojsonl 2>&1 | sed 's/"coordinates":[^}]*//'; geojoin --lookup l.csv --on id --keep id < m.geojsonl 2>&1; geojoin --lookup l.csv --on id --format csv < m.geojsonl 2>&1
# A release lets nothing through that nobody has looked at; a class in the wrong place is an error.
0 seq_members_release.txt printf 'id,v\n1,x\n' > l.csv; printf '%s\n' '{"id":7,"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Point","coordinates":[1,2],"name":"x"},"name":"ZQX"}' > m.geojsonl; printf 'dataset m.geojsonl class open\ndataset l.csv class open\n' > p; geojoin --policy p --release --format geojsonl --lookup l.csv --on id m.geojsonl 2>&1
1 - printf 'id,v\n1,x\n' > l.csv; echo '{"type":"Feature","properties":{"id":"1"},"geometry":null,"sdc_class":"special"}' | geojoin --lookup l.csv --on id
  stderr: feature 1: 'standard input' has a feature with an sdc_class that is none of its properties
# A reference system that nobody knows stays unknown.
0 seq_unknown.txt printf 'id,v\n1,x\n' > l.csv; echo '{"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Point","coordinates":[1,2]},"crs":null}' > n; geojoin --lookup l.csv --on id < n; geojoin --lookup l.csv --on id --format fgb < n | geojoin --lookup l.csv --on id --fields v:w --format geojsonl
1 - echo '{"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Point","coordinates":[1,2]},"crs":null}' | geojoin $A
  stderr: the coordinates of the records do not say what they are: add --crs
# Heights and measures are left out by the same words, whatever they come in; text that passes keeps them.
0 heights.txt printf 'id,v\n1,x\n2,y\n3,z\n' > l.csv; printf 'id,wkt\n1,POINT Z (1 2 3)\n2,"LINESTRING M (1 2 3, 3 4 5)"\n3,POINT (1 2)\n' > z.csv; ogr2ogr -f GPKG z.gpkg z.csv -oo GEOM_POSSIBLE_NAMES=wkt -a_srs EPSG:27700 -dim XYZM; ogr2ogr -f FlatGeobuf -lco SPATIAL_INDEX=NO z.fgb z.gpkg; ogr2ogr -f GeoJSONSeq z.geojsonl z.gpkg -dim XYZ 2> log; for i in csv gpkg fgb geojsonl; do for o in csv fgb; do echo $i $o; geojoin --lookup l.csv --on id --crs EPSG:27700 --format $o z.$i 2>&1 > /dev/null; done; done
# What a sequence cannot say is refused; a reference system is said by its authority, whatever way it came in.
2 - printf 'id,v\na,1\n' > l.csv; printf 'id,x,x\na,1,2\n' | geojoin --lookup l.csv --on id --format geojsonl
  stderr: cannot write 'standard output': two fields are called 'x', and a GeoJSON feature has each name once
2 - printf 'id,v\na,1\n' > l.csv; echo '{"type":"Feature","properties":{"id":"a"},"geometry":null}' | geojoin --lookup l.csv --on id --layer x
  stderr: --layer does not work on GeoJSON sequences ('standard input')
0 seq_urn.txt printf 'id,v\na,1\n' > l.csv; printf 'id,x,y\na,530000,180000\n' > r.csv; for c in urn:ogc:def:crs:EPSG::27700 epsg:27700 urn:ogc:def:crs:OGC:1.3:CRS84 OGC:CRS83; do geojoin --lookup l.csv --on id -x x -y y --crs $c --format geojsonl r.csv | tee o | grep -o '"crs".*'; geojoin --lookup l.csv --on id --fields v:w --format fgb < o | geojoin --lookup l.csv --on id --fields v:u --format geojsonl | grep -o '"crs".*'; done
