# Figures from areas to areas. $D/changes.csv has every kind of change: E01000001 is unchanged, 2 and 3 are merged, 4 is split 30 : 90, 5 and
# 6 become three areas between them. The golden files are worked out by hand: of the 80 people of E01000005 a quarter goes to E01900004, and the
# score of E01900005 is (60 x 8 + 40 x 16) / 100.
C=--from area=lsoa11cd --to lsoa21cd --via $D/changes.csv

0 figures_changes.csv geojoin $C --weights weight --sum homes --mean score --denominator people --rate 100 --keep kind $D/figures.csv
  stderr: from 'lsoa11cd' to 'lsoa21cd': 1 unchanged, 2 merged, 1 split, 2 changed beyond comparison
0 figures_changes.csv geojoin $C --weights weight --sum homes --mean score --denominator people --rate 100 --keep kind -j 7 < $D/figures.csv
  stderr: from 'lsoa11cd' to 'lsoa21cd': 1 unchanged, 2 merged, 1 split, 2 changed beyond comparison
0 figures_changes.csv ogr2ogr f.gpkg $D/figures.csv -oo AUTODETECT_TYPE=YES && geojoin $C --weights weight --sum homes --mean score --denominator people --rate 100 --keep kind f.gpkg
  stderr: from 'lsoa11cd' to 'lsoa21cd': 1 unchanged, 2 merged, 1 split, 2 changed beyond comparison
  needs: ogr2ogr
# Lookups as another format, codes in another form, rows in another order, weights ten times as large.
0 figures_changes.csv (head -1 $D/changes.csv; sed 1d $D/changes.csv | awk -F, '{print tolower($1) "," $2 "," $3 * 10}') > c.csv; geojoin --from area=lsoa11cd --to lsoa21cd --via c.csv --weights weight --sum homes --mean score --denominator people --rate 100 --keep kind -q $D/figures.csv
# What adds up goes through several lookups at once, or one after the other, and no total changes.
0 figures_wards.csv geojoin $C --via $D/wards.csv --weights weight --sum people,homes $D/figures.csv --to wd24cd:ward -q
0 figures_wards.csv geojoin $C --weights weight --sum people,homes -q $D/figures.csv | geojoin --from lsoa21cd --to wd24cd:ward --via $D/wards.csv --sum people,homes -q | sed -e '3,$s/best_fit/shared/'
0 - geojoin -q $C --weights weight --sum people $D/figures.csv | awk -F, 'NR > 1 {n += $2} END {exit n != 540}'
# Row numbers and districts that two lookups have in common are no way where finer codes are; which way was gone is told.
0 * (echo FID,lad,a,b; echo 1,L,A1,B2; echo 2,L,A2,B1; echo 3e1,L,,) > f.csv; (echo FID,lad,b,c; echo 1,L,B1,C1; echo 2,L,B2,C2; echo 3e1,L,,) > g.csv; (echo a,n; echo A1,1; echo A2,10) | geojoin --from a --to c --via f.csv --via g.csv --weights rows --sum n
  stdout: C1,10,0,exact,personal
  stdout: C2,1,0,exact,personal
  stderr: figures go from 'a' to 'c' by 'b', which the lookups have in common
2 - (echo a,b,w,x; echo A,B,1,1) > f.csv; (echo b,c,w,x; echo B,C,2,1) > g.csv; (echo a,n; echo A,5) | geojoin --from a --to w --via f.csv --via g.csv --weights w --sum n
  stderr: 'w' is the column of weights, and cannot be one of codes too
# One lookup can be a pipe; several are looked at first, and cannot.
0 * (echo a,n; echo A,5) > r.csv; geojoin --from a --to b --via <(echo a,b; echo A,X) --sum n r.csv
  stdout: X,5,0,exact,personal
2 - (echo b,c; echo X,Y) > u.csv; (echo a,n; echo A,5) > r.csv; geojoin --from a --to c --via <(echo a,b; echo A,X) --via u.csv --sum n r.csv
  stderr: is a pipe, and of several lookups each is looked at before it is read: write it to a file
2 - (echo b,c; echo X,Y) > u.csv; (echo a,b; echo A,X) > v.csv; (echo a,n; echo A,5) | geojoin --from a --to c --via v.csv --via u.csv --weights w --sum n
  stderr: no lookup has a column 'w'
0 * (echo b,c,rows; echo X,Y,9; echo X,Z,1) > u.csv; (echo a,b; echo A,X) > v.csv; (echo a,n; echo A,5) | geojoin --from a --to c --via v.csv --via u.csv --weights rows --sum n
  stdout: Y,2.5,0,shared,personal
# One lookup, two levels up: census areas nest in districts and fit wards at best, and that is told.
0 figures_lad.csv geojoin -q $C --weights weight --sum people $D/figures.csv | geojoin --from lsoa21cd --to lad24cd --via $D/wards.csv --sum people
0 * geojoin --from lsoa21cd --to wd24cd --via $D/wards.csv --sum n < <(echo lsoa21cd,n; echo E01000001,3)
  stderr: areas of 'lsoa21cd' are put whole into the one of 'wd24cd' that they fit best: figures are estimates
  stdout: E05000001,3,0,best_fit,personal
0 * geojoin --from lsoa21cd --to lad24cd --via $D/wards.csv --best-fit --sum n < <(echo lsoa21cd,n; echo E01000001,3)
  stderr: are put whole into the one
0 * geojoin --from lsoa21cd --to wd24cd --via $D/wards.csv --sum n --all-areas -q < <(echo lsoa21cd,n; echo E01000001,3)
  stdout: E05000003,0,0,best_fit,personal
# Each row of a list of addresses weighs the same.
0 * (echo uprn,old,new; echo 1,A,X; echo 2,A,X; echo 3,A,Y; echo 4,A,) > u.csv; (echo old,n; echo A,100) | geojoin --from old --to new --via u.csv --weights rows --sum n
  stdout: X,50,0,shared,personal
  stdout: Y,25,0,shared,personal
  stdout: ,25,0,,personal
  stderr: 1 area of 'old' lies, whole or in part, in none of 'new': what is theirs stands in the last row
# Codes that mean no area are none, however many they are, and make two levels no change of one.
3 * (echo lsoa,ward; echo E01000001,E05000001; echo E01000002,999999999; echo E01000003,E05000002; echo L99999999,E05000002; echo 999999999,E05000002) > u.csv; (echo lsoa,n; echo E01000001,5; echo E01000002,7; echo 999999999,3) | geojoin --from lsoa --to ward --via u.csv --all-areas --sum n > out; s=$?; cat out; [ $(wc -l < out) = 4 ] && exit $s
  stdout: E05000001,5,0,best_fit,personal
  stdout: E05000002,0,0,best_fit,personal
  stdout: ,10,0,,personal
  stderr: 1 record has no key: line 4
# Ten in three parts: the parts add up to ten to the last digit.
0 - (echo old,new; echo A,X; echo A,Y; echo A,Z) > u.csv; (echo old,n; echo A,10) | geojoin --from old --to new --via u.csv --weights rows --sum n | awk -F, 'NR > 1 {n += $2} END {exit n != 10}'
# Nothing lost: codes that are none, unknown, or of no area stand in the last row; suppressed values are missing, not zero.
3 figures_lost.csv (cat $D/figures.csv; echo E01000099,7,,,,; echo ,3,,,,; echo E01000002,*,,,,) | geojoin $C --weights weight --sum people
  stderr: 1 record has a key that the lookup does not have: line 8
  stderr: 1 record has no key: line 9
  stderr: 1 area of 'lsoa11cd' has more than one record: their figures are added up
  stderr: 1 value to be summed is suppressed
3 * (cat $D/figures.csv; echo E01000099,7,,,,) | geojoin $C --weights weight --sum people --unmatched only -q
  stdout: ,7,0,,personal
3 * (echo lsoa11cd,n; echo E01900001,1; echo E01000001,2; echo E01900002,1) | geojoin --from lsoa11cd --to wd24cd --via $D/changes.csv --via $D/wards.csv --weights weight --sum n
  stderr: 'lsoa21cd' has 2 of the codes that 'lsoa11cd' lacks: are the figures of that level?
# Figures carried on keep what was missing before, if it is named.
0 * (echo lsoa21cd,n,n_missing; echo E01000001,3,2; echo E01900001,4,1) | geojoin -q --from lsoa21cd --to wd24cd --via $D/wards.csv --sum n,n_missing
  stdout: E05000001,7,3,best_fit,personal
# No rate of what is not all known, and no mean of two values that weigh nothing; one alone is what it is.
0 * (echo a,b; echo A,X; echo C,X) > u.csv; (echo a,n,d; echo A,10,; echo C,5,100) | geojoin -q --from a --to b --via u.csv --sum n --denominator d --rate 100
  stdout: X,15,0,,100,1,exact,personal
0 * (echo a,b; echo A,X; echo C,Y) > u.csv; (echo a,m,d; echo A,1,0; echo A,3,0; echo C,5,0) | geojoin -q --from a --to b --via u.csv --mean m --denominator d
  stdout: X,,0,0,0,exact,personal
  stdout: Y,5,0,0,0,exact,personal
# Codes of one year that the lookup has, and nothing they became, are not unchanged; nor is what was made of nothing.
0 * (echo y1,y2; echo A,A; echo B,; echo C,D; echo F,D; echo ,E) > u.csv; (echo y1,n; echo A,1; echo B,2; echo C,3) | geojoin --from y1 --to y2 --via u.csv --sum n --all-areas
  stdout: A,1,0,unchanged,personal
  stdout: E,0,0,,personal
  stderr: from 'y1' to 'y2': 1 unchanged, 1 merged
# Districts and counties have the districts of one tier in common, and are no two years of one geography.
0 * (echo ltla,utla; echo E06000001,E06000001; echo E07000001,E10000001; echo E07000002,E10000001) > u.csv; (echo ltla,n; echo E06000001,1; echo E07000001,2; echo E07000002,3) | geojoin --from ltla --to utla --via u.csv --sum n
  stdout: E06000001,1,0,exact,personal
  stdout: E10000001,5,0,exact,personal
0 * (echo y1,y2; echo E06000001,E06000001; echo E07000001,E06000002; echo E07000002,E06000002) > u.csv; (echo y1,n; echo E06000001,1; echo E07000001,2; echo E07000002,3) | geojoin -q --from y1 --to y2 --via u.csv --sum n
  stdout: E06000002,5,0,merged,personal
2 - (echo a,b; echo A,X) > u.csv; (echo a,n,b; echo A,1,2) | geojoin --from a --to b --via u.csv --sum n --keep b
  stderr: two columns would have the same name: name one of them anew, as FIELD:NEW_NAME
# Names that lookups bring are shown, but not at any length.
3 * long=$(printf 'y%.0s' {1..900}); (echo a,$long,b; echo A,Q,B) > u.csv; (echo $long,b,c; echo Q,B,C) > v.csv; (echo a,n; echo Q,5) | geojoin --from a --to c --via u.csv --via v.csv --sum n
  stderr: yyy' has 1 of the codes that 'a' lacks
  not: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
# What cannot be carried is refused, with the reason.
1 - geojoin $C --sum people $D/figures.csv
  stderr: 2 areas of 'lsoa11cd' lie in several of 'lsoa21cd', and nothing says how much of 'people' is where
1 - geojoin $C --weights weight --mean score $D/figures.csv
  stderr: 2 areas are made of several that have a 'score', and the mean of means is no mean
2 - geojoin $C --weights weight --sum median_age $D/figures.csv
  stderr: 'median_age' is a median, by its name
2 - geojoin $C --weights weight --mean median_age --denominator people $D/figures.csv
  stderr: cannot be worked out from those of its parts
2 - geojoin $C --weights weight --sum score $D/figures.csv
  stderr: 'score' does not add up, by its name (score)
0 * geojoin -q $C --weights weight --sum score:points $D/figures.csv
  stdout: lsoa21cd,points,points_missing,carried,sdc_class
2 - geojoin $C --weights weight --sum people --mean people --denominator homes $D/figures.csv
  stderr: field 'people' stands in --sum and in --mean
2 - geojoin $C --weights heaviness --sum people $D/figures.csv
  stderr: no field 'heaviness'
2 - geojoin --from area=lsoa01cd --to lsoa21cd --via $D/changes.csv --sum people $D/figures.csv
  stderr: no field 'lsoa01cd'
2 - geojoin --from area=lsoa11cd --to lad24cd --via $D/changes.csv --via $D/figures.csv --sum people $D/figures.csv
  stderr: no lookup has a column 'lad24cd'
1 - sed 's/90$/-90/' $D/changes.csv > c.csv; geojoin --from area=lsoa11cd --to lsoa21cd --via c.csv --weights weight --sum people $D/figures.csv
  stderr: lookup 'c.csv': the weight on line 6 is missing, negative or no number
2 - geojoin --from area=lsoa11cd --to lsoa11cd --via $D/changes.csv --sum people $D/figures.csv
  stderr: 'lsoa11cd' and 'lsoa11cd' are the same level
4 - geojoin $C --weights weight --sum people --release $D/figures.csv
  stderr: refused
2 - geojoin --from area --to lsoa21cd --sum people $D/figures.csv
  stderr: figures go to other areas by --from, --to and --via, all three
2 - geojoin $C $D/figures.csv
  stderr: say which figures
2 - geojoin $C --sum people --count $D/figures.csv
  stderr: --count and --by are about records
2 - geojoin $C --sum people --rate 0 --denominator homes $D/figures.csv
  stderr: --rate: takes a number above 0
2 - geojoin $C --sum people --rate 10 $D/figures.csv
  stderr: --rate needs --denominator

# Rates of counts, by a field of what is counted by: 2 users for 4 residents, none where there are no residents.
0 rates.csv (echo ward,residents; echo W1,4; echo W2,0; echo W3,) > w.csv; printf 'user,ward,spend\n1,W1,3\n2,W1,5\n3,W2,1\n4,W3,1\n' | geojoin -l w.csv --on ward --fields ward:area,residents --count=users --sum spend:total --denominator residents --rate 1000
2 - (echo ward,residents; echo W1,4) > w.csv; printf 'user,ward\n1,W1\n' | geojoin -l w.csv --on ward --fields ward:area -c --denominator residents --rate 1000
  stderr: --denominator 'residents' is no field of what is counted by: attach it with --fields
2 - geojoin -l w.csv --on ward -c --denominator residents
  stderr: --denominator goes with --rate

# A lookup of another year: the areas' numbers or the columns' names tell, and another column may fit better.
3 * (echo lsoa11cd; sed 1d $D/changes.csv | cut -d, -f1 | uniq) | geojoin -l $D/changes.csv --on lsoa11cd=lsoa21cd --fields weight
  stderr: 1 of 6 codes of 'lsoa11cd' are in 'lsoa21cd' of lookup
  stderr: its column 'lsoa11cd' has 6 of them: --on lsoa11cd=lsoa11cd
3 * (echo code; seq -f E0103376%g 0 8) > r.csv; (echo lsoa,v; seq -f E0103376%g,1 1 9) > l.csv; geojoin -l l.csv --on code=lsoa < r.csv
  stderr: 8 of 9 codes of 'code' are in 'lsoa' of lookup 'l.csv', 1 is not; the records' codes seem to be of 2011, the lookup's of 2021
3 * (echo code; seq -f E0103376%g 0 9) > r.csv; (echo lsoa,v; seq -f E0103376%g,1 0 8) > l.csv; geojoin -l l.csv --on code=lsoa < r.csv
  stderr: 1 is not; the records' codes seem to be of 2021, the lookup's of 2011
# Codes of somewhere else are no other year.
3 * (echo code; echo E01033768; seq -f W0100190%g 1 9) > r.csv; (echo lsoa,v; echo E01033769,1; seq -f W0100190%g,1 2 9) > l.csv; geojoin -l l.csv --on code=lsoa < r.csv
  stderr: 2 records have a key
