/* The commands of geosdc. */
#ifndef TOOLS_GEOSDC_COMMANDS_H
#define TOOLS_GEOSDC_COMMANDS_H

#include "common/tool.h"

extern const tool GEOSDC_POLICY, GEOSDC_LABEL, GEOSDC_CHECK, GEOSDC_PROTECT, GEOSDC_MASK, GEOSDC_AUDIT, GEOSDC_DIFF, GEOSDC_RELEASE,
    GEOSDC_LEDGER, GEOSDC_VERIFY;
int geosdc_policy(int argc, char **argv);
int geosdc_label(int argc, char **argv);
int geosdc_check(int argc, char **argv);
int geosdc_protect(int argc, char **argv);
int geosdc_mask(int argc, char **argv);
int geosdc_audit(int argc, char **argv);
int geosdc_diff(int argc, char **argv);
int geosdc_release(int argc, char **argv);
int geosdc_ledger(int argc, char **argv);
int geosdc_verify(int argc, char **argv);

#endif
