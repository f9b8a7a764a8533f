/* geosdc: statistical disclosure control. Which command is meant; each is a file of geosdc/. */
#include "geosdc/commands.h"

int main(int argc, char **argv)
{
    static const tool_command COMMANDS[] = {
        {&GEOSDC_POLICY, geosdc_policy},
        {&GEOSDC_LABEL, geosdc_label},
        {&GEOSDC_CHECK, geosdc_check},
        {&GEOSDC_PROTECT, geosdc_protect},
        {&GEOSDC_MASK, geosdc_mask},
        {&GEOSDC_AUDIT, geosdc_audit},
        {&GEOSDC_DIFF, geosdc_diff},
        {&GEOSDC_RELEASE, geosdc_release},
        {&GEOSDC_LEDGER, geosdc_ledger},
        {&GEOSDC_VERIFY, geosdc_verify},
        {NULL, NULL},
    };
    return tool_commands("geosdc", "statistical disclosure control: label, check, protect, audit, compare and release", COMMANDS, argc,
                         argv);
}
