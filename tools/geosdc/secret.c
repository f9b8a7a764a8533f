/* Which ledger, and the secret that it keeps. */
#include "secret.h"

#include "geo/ledger.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECRET_NAME "perturbation"

const char *ledger_folder(const char *named)
{
    static char folder[4096];
    const char *set = getenv("GEO_LEDGER"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (named || (set && *set))
        return named ? named : set;
    if (data && *data)
        snprintf(folder, sizeof folder, "%s/libgeo/ledger", data);
    else
        snprintf(folder, sizeof folder, "%s/.local/share/libgeo/ledger", home ? home : "");
    return folder;
}

const char *ledger_author(const char *named)
{
    const struct passwd *user = named ? NULL : getpwuid(getuid());
    return named ? named : user ? user->pw_name : NULL;
}

geo_status secret_get(const char *ledger, const geo_watch *watch, uint8_t secret[32], geo_err *err)
{
    geo_ledger *l = NULL;
    geo_status st = geo_ledger_open(ledger_folder(ledger), true, watch, &l, err);
    if (st == GEO_OK)
        st = geo_ledger_secret(l, SECRET_NAME, secret, err);
    geo_ledger_close(l);
    return st;
}

void secret_wipe(uint8_t secret[32])
{
    for (volatile uint8_t *p = secret; p < secret + 32; p++)
        *p = 0;
}
