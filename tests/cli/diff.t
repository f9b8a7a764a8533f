# geosdc diff: what subtracting a table and earlier releases from each other tells. By hand: LSOAs A 27 + 31 = 58, B 33 + 39 = 72, C 42, D 140;
# MSOAs AB 130, CD 182; wards W1 = A1 A2 B1 = 91, W2 = B2 C1 = 81, W3 = D 140. B1 alone is 33: W1 - A; with a threshold of 40 that is few.
P=--policy $D/diff.policy
L=--lookup $D/sdc_lookup.csv --levels oa --count n --policy $D/diff.policy

# ---- usage ----
2 -               geosdc diff --area a t.csv
  stderr: name earlier releases
2 -               geosdc diff --area a --with , t.csv
  stderr: name a file, and what its fields are
2 -               geosdc diff --area a --with a.csv,b t.csv
  stderr: after the file come FIELD=VARIABLE
2 -               geosdc diff --area a --with a.csv,rounded=1 t.csv
  stderr: rounded= takes a base from 2 to 1000
0 *               geosdc diff --help
  stdout: --with

# ---- overlapping geographies ----
4 diff_wards.csv  cd $D; geosdc diff --area ward_code $L --with diff_lsoas.csv,lsoa_code=ward_code diff_wards.csv
  stderr: unsafe: with 1 earlier release the table tells of a few people by 4 subtractions, 0 changes and 0 times by all together
4 diff_wards.csv  cd $D; geosdc diff --area ward_code $L --with diff_lsoas.csv,lsoa_code=ward_code -j 1 < diff_wards.csv
  stderr: unsafe
4 diff_lsoas.csv  cd $D; geosdc diff --area lsoa_code $L --with diff_wards.csv,ward_code=lsoa_code diff_lsoas.csv
  stderr: 4 subtractions
# What nests tells nothing; nor do wards and MSOAs here: the smallest remainder is B2 with 39, below 40 only.
0 -               geosdc diff --area lsoa_code $L --with $D/diff_msoas.csv,msoa_code=lsoa_code $D/diff_lsoas.csv
  stderr: safe: nothing follows from the table and 1 earlier release
0 -               geosdc diff -q --area lsoa_code $L --with $D/diff_msoas.csv,msoa_code=lsoa_code $D/diff_lsoas.csv
4 *               cd $D; geosdc diff --area ward_code $L --with diff_msoas.csv,msoa_code=ward_code diff_wards.csv
  stdout: msoa_code - ward_code,2,AB - W1,"hide W1, or publish by msoa_code too"
0 -               sed 's/threshold 40/threshold 39/' $D/diff.policy > p; geosdc diff --area ward_code $L --policy p --with $D/diff_msoas.csv,msoa_code=ward_code $D/diff_wards.csv
  stderr: safe
# Without a word on what areas are made of they cannot be compared, and that is told.
0 -               geosdc diff $P --area ward_code --count n --with $D/diff_msoas.csv,msoa_code=ward_code $D/diff_wards.csv
  stderr: the areas of 1 earlier release have nothing to do with those of the table, as far as is known
0 -               geosdc diff -q $P --area ward_code --count n --lookup $D/sdc_lookup.csv --with $D/diff_msoas.csv,msoa_code=ward_code $D/diff_wards.csv
  stderr: the areas of 1 earlier release have nothing to do with those of the table, as far as is known
# A zone that is hidden cannot be subtracted.
0 -               sed 's/^A,.*/A,[c]/; s/^C,.*/C,[c]/' $D/diff_lsoas.csv > l.csv; geosdc diff --area ward_code $L --with l.csv,lsoa_code=ward_code $D/diff_wards.csv
  stderr: safe
# Rounded counts leave more room than the rules ask for.
0 -               sed 's/threshold 40/threshold 40 round 10/' $D/diff.policy > p; printf 'lsoa_code,n\nA,60\nB,70\nC,40\nD,140\n' > l.csv; geosdc diff --area ward_code $L --policy p --with l.csv,lsoa_code=ward_code,rounded=10 $D/diff_wards.csv
  stderr: safe

# ---- two dates, categories, other names ----
4 diff_change.csv printf 'lib,n\nx,100\ny,200\n' > a.csv; printf 'name,users\nx,98\ny,200\n' > b.csv; geosdc diff $P --by lib --count n --with b.csv,name=lib,count=users a.csv
  stderr: 0 subtractions, 1 change and 0 times
4 diff_bands.csv  printf 'age,n\n<25,70\n25-39,80\n' > a.csv; printf 'age,n\n"<20",60\n20 to 39,90\n' > b.csv; geosdc diff $P --by age --count n --with b.csv a.csv
  stderr: 2 subtractions
# Categories that the earlier one lacks are taken all together.
4 *               printf 'lib,sex,n\nx,f,100\nx,m,[c]\n' > a.csv; printf 'lib,n\nx,120\n' > b.csv; geosdc diff $P --by lib,sex --count n --with b.csv a.csv
  stdout: remainder,b.csv,lib - lib by sex,2,x - x f,
2 -               printf 'lib,n\nx,100\n' > a.csv; printf 'other,n\nx,98\n' > b.csv; geosdc diff $P --by lib --count n --with b.csv a.csv
  stderr: 'b.csv': it has no field of the table: say FIELD=VARIABLE
1 -               printf 'lib,n\nx,100\n' > a.csv; geosdc diff $P --by lib --count n --with none.csv a.csv
  stderr: none.csv
# A text with quotes and commas.
4 *               printf 'lib,n\n"x, ""old""",100\n' > a.csv; printf 'lib,n\n"x, ""old""",98\n' > b.csv; geosdc diff $P --by lib --count n --with b.csv a.csv
  stdout: change,b.csv,lib,1,"x, ""old""","hide these cells, or round the counts"
# Only all together: (AB + AC - BC) / 2.
4 diff_stacked.csv printf 'xcd,ycd,zcd,acd\n1,1,1,a\n1,2,2,b\n2,2,1,c\n2,1,2,d\n' > k.csv; printf 'xcd,n\n1,53\n2,150\n' > x.csv; printf 'ycd,n\n1,73\n2,130\n' > y.csv; printf 'zcd,n\n1,83\n2,120\n' > z.csv; geosdc diff $P --area xcd --count n --lookup k.csv --with y.csv,ycd=xcd --with z.csv,zcd=xcd x.csv
  stderr: 0 subtractions, 0 changes and 1 time by all together
