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
1 - geojoin $A -o r.fgb $D/clean.csv; head -c 900 r.fgb | geojoin --areas $D/areas.geojson --area-key code:w2 --format csv -q -o o.csv
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
