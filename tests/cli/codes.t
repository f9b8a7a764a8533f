# Keys that are codes of places: forms that mean the same, and what was meant by those that mean nothing. Expected matches were worked out
# by hand from the lines printed here.

# Postcodes with O for 0 and I for 1: mended where they are none and would be one, and always told; other postcodes are left alone.
3 mended.csv  printf 'id,pc\n1,M32 OAA\n2,SWIA 1AA\n3,m32 0aa\n4,WAI5 9ZW\n5,ZZ99 9ZZ\n6,M32 O\n' | geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa
  stderr: geojoin: 3 postcodes were mended (O for 0, I for 1): lines 2, 3 and 5
  stderr: geojoin: 2 records have a key that the lookup does not have: lines 6 and 7
0 mended1.csv printf 'id,pc\n1,M32 OAA\n' | geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa
  stderr: geojoin: 1 postcode was mended (O for 0, I for 1): line 2
# By one thread or many, from a pipe or a file, the same.
3 - printf 'id,pc\n' > r.csv; for i in $(seq 30000); do printf '%s,M32 OAA\n%s,M32 0AA\n' $i $i; done >> r.csv; L="--lookup $D/postcodes.csv --on pc=postcode --fields lsoa"; echo 'x,QQ' >> r.csv; geojoin $L -j 1 -o 1.csv r.csv 2> 1; geojoin $L -j 5 -o 5.csv r.csv 2> 5; geojoin $L < r.csv > p.csv 2> p; s=$?; cmp 1 5 && cmp 1 p && cmp 1.csv 5.csv && cmp 1.csv p.csv && cat 1 >&2; exit $s
  stderr: 30000 postcodes were mended

# --or-sector: the row of the sector where that of the postcode is not there; the last digit of a sector stands apart, M11 is a district.
SECTORS=$D/sectors.csv
3 sector.csv  printf 'id,pc\n1,M32 0AA\n2,M32 0ZZ\n3,m1 1aa\n4,M32 OZZ\n5,L1 1AA\n6,M1 1\n7,\n' | geojoin --lookup $SECTORS --on pc=code --or-sector
  stderr: geojoin: 3 records have postcodes that the lookup does not have and were matched by their sectors: lines 3, 4 and 5
  stderr: geojoin: 1 postcode was mended (O for 0, I for 1): line 5
  stderr: geojoin: 1 record has a key that the lookup does not have: line 6
  stderr: geojoin: 1 record has no key: line 8
3 sector_not.csv printf 'id,pc\n1,M32 0AA\n2,M32 0ZZ\n3,m1 1aa\n4,M32 OZZ\n5,L1 1AA\n6,M1 1\n7,\n' | geojoin --lookup $SECTORS --on pc=code
  not: sector
  stderr: geojoin: 4 records have a key that the lookup does not have: lines 3, 4, 5 and 6
0 sector1.csv printf 'id,pc\n1,M32 0ZZ\n' | geojoin --lookup $SECTORS --on pc=code --or-sector --lookup $D/deprivation.csv --on lsoa=lsoa_code
  stderr: geojoin: 1 record has a postcode that the lookup does not have and was matched by its sector: line 2
2 - geojoin --lookup $D/postcodes.csv --on pc=postcode --or-sector $D/addresses.csv
  stderr: geojoin: --or-sector: the keys of lookup
  stderr: postcodes.csv' have no sectors of postcodes, such as 'M32 0', among them
2 - geojoin --lookup $D/uprns.csv --on uprn --or-sector $D/assets.csv
  stderr: have no sectors
2 - geojoin --or-sector --lookup $SECTORS --on pc=code $D/addresses.csv
  stderr: --or-sector: belongs to the --lookup before it, and there is none
2 - geojoin --lookup $SECTORS --or-sector=yes --on pc=code $D/addresses.csv
  stderr: --or-sector takes no value

# GSS codes in small letters and with blanks; 999999999, L99999999 and M99999999 stand for no area, unless the lookup has them.
LSOAS=$D/lsoas.csv
3 gss.csv     printf 'id,lsoa\n1,E01005061\n2,e01005062\n3, E01 005 063 \n4,999999999\n5,M99999999\n6,l99999999\n7,E01005069\n' | geojoin --lookup $LSOAS --on lsoa=lsoa21cd
  stderr: geojoin: 2 records have no key: lines 5 and 6
  stderr: geojoin: 1 record has a key that the lookup does not have: line 8
  not: matched:
# Codes of another kind of area: said by name, when most do not match.
3 * printf 'id,msoa\n1,E02001253\n2,e02001254\n' | geojoin --lookup $LSOAS --on msoa=lsoa21cd
  stderr: geojoin: nothing matched: field 'msoa' has MSOA codes (E02), and the lookup has LSOA codes (E01)
3 * printf 'id,area\n1,E01005061\n2,E02001253\n3,E02001254\n' | geojoin --lookup $LSOAS --on area=lsoa21cd
  stderr: geojoin: little matched: field 'area' has MSOA codes (E02), and the lookup has LSOA codes (E01)
3 * printf 'id,msoa\n1,E02001253\n' | geojoin -q --lookup $LSOAS --on msoa=lsoa21cd
  not: geojoin
3 * printf 'id,pc\n1,M32 0AA\n' | geojoin --lookup $LSOAS --on pc=lsoa21cd
  stderr: geojoin: nothing matched: field 'pc' has postcodes, and the lookup has LSOA codes (E01)
# Through a field attached before.
3 * printf 'pc,ward\nM32 0AA,E05000001\n' > w.csv; printf 'pc\nM32 0AA\n' | geojoin --lookup w.csv --on pc --lookup $LSOAS --on ward=lsoa21cd
  stderr: geojoin: nothing matched: field 'ward' has ward codes (E05), and the lookup has LSOA codes (E01)

# UPRNs by their length, whatever the field is called; what a spreadsheet has rounded is refused on both sides.
3 uprn_forms.csv printf 'ref,v\n100023336956,W1\n010002333695,W2\n' > l.csv; printf 'id,ref\n1,10 0023 336956\n2,10002333695\n3,000010002333695\n4,1.00023E+11\n' | geojoin --lookup l.csv --on ref
  stderr: geojoin: 1 record has a UPRN that a spreadsheet has rounded, as 1.00012E+11, and is not matched: line 5
# Blanks are no digits: numbers of ten of them in groups are no UPRNs, so they stay text.
3 * printf 'nhs,v\n943 476 5919,W1\n943 476 5870,W2\n' > l.csv; printf 'nhs\n943 476 5919\n0943 476 5919\n' | geojoin --lookup l.csv --on nhs
  stderr: geojoin: 1 record has a key that the lookup does not have: line 3
3 * printf 'uprn,v\n1.00023E+11,W1\n1.00024E+11,W2\n100023336956,W3\n' > l.csv; printf 'uprn\n1.00023E+11\n1E+11\n' | geojoin --lookup l.csv --on uprn
  stderr: geojoin: 2 rows of lookup 'l.csv' have a UPRN that a spreadsheet has rounded, as 1.00012E+11, and are left out
  stderr: geojoin: 2 records have UPRNs that a spreadsheet has rounded, as 1.00012E+11, and are not matched: lines 2 and 3
