# Manual pages: a line @OPTIONS@, or @OPTIONS COMMAND@ of a tool of several commands, becomes what the program itself says of its options
# (tool: its file; version). Of options that several commands have, in the same words, the first one's place tells.

function end_group() {
    if (in_list)
        print ".El"
    in_list = 0
}

function end_block() {
    if (block != "" && !(block in seen)) {
        if (heading != "")
            print heading
        if (!in_list)
            print ".Bl -tag -width Ds"
        in_list = 1
        heading = ""
        seen[block] = 1
        printf "%s", block
    }
    block = ""
}

function options(command,   line) {
    while ((command | getline line) > 0) {
        if (line ~ /^\.Ss /) {
            end_block()
            end_group()
            heading = line
        } else if (line ~ /^\.It /) {
            end_block()
            block = line "\n"
        } else if (line !~ /^\.(Bl|El)/)
            block = block line "\n"
    }
    close(command)
    end_block()
    end_group()
    heading = ""
}

/^@OPTIONS( [a-z]+)?@$/ {
    gsub(/@|OPTIONS/, "")
    options(tool $0 " --help-man")
    next
}
{
    gsub(/@VERSION@/, version)
    print
}
