/*
 * The grammar of a rule file (bison). Actions only build: no condition, no message, no memory.
 */
%define api.pure full
%define api.token.prefix {PN_TOK_}
%define api.prefix {pn_yy}
%define api.header.include {"grammar/parser.h"}
%define api.location.type {struct pn_range}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct pn_build *b}

%code requires {
#include "grammar/build.h"
}

%union {
    uint32_t token;
    enum pn_action action;
    struct pn_node *node;
    struct pn_list list;
}

%token END 0        "end of file"
%token <token> KEY  "address"
%token ALLOW        "allow"
%token DENY         "deny"
%token <token> NAME "variable"
%token VALUE        "value"
%token NEWLINE      "end of line"
%token SKIPPED      "line without a colon"
%token NO_VERDICT NO_COMMA NO_SIGN NO_VALUE NO_END_QUOTE
%token HEADER       "header"
%token WORD         "target"
%token COMMA        ","
%token COLON        ":"
%token BLOCK        "block"
%token SETTING      "setting"
%token SET          "set"
%token ENV          "env"
%token INCLUDE      "include"
%token LIST         "file"
%token AT           "at"
%token LEAST        "least"
%token MOST         "most"
%token COUNT        "number of entries"
%token EXCEPT       "except"
%token OPEN         "{"
%token CLOSE        "}"
%token UNCLOSED     "missing }"
%token NAMED        "name"
%token SIGN         "="
%token GROUP        "group"
%token EXPECT       "expect"
%token ALWAYS       "always"
%token NOT          "!"
%token UNSET        "!name"
%token BY           "by"
%token NO_HOST      "assuming no host"
%token NO_IDENT     "assuming no ident"
%token LIMIT        "limit"
%token RATE         "rate"
%token PER          "per"
%token REJECT       "reject"
%token UNTIL        "until"
%token OWNER        "owner"
%token TICKET       "ticket"
%token AMOUNT       "amount"
%token PENALTY      "penalty"
%token NO_PENALTY   "no penalty"
%token SIGNAL       "signal"
%token BAD NO_BLANK

%type <node> statement assign target setting variable term admission penalty
%type <node> except excluded condition item
%type <list> assigns targets settings given elements boxed box conditions query
%type <action> verdict

%code {
#include "grammar/plain.h"

static const struct pn_list empty = { NULL, NULL };

static int
pn_yylex(PN_YYSTYPE *value, struct pn_range *range, struct pn_build *b)
{
    int kind;

    pn_build_plain(b); /* statements before it; each rule of a file that ends has been reduced */
    kind = pn_build_token(b, &value->token);
    range->first = range->last = value->token;
    return kind;
}

static void
pn_yyerror(const struct pn_range *range, struct pn_build *b, const char *text)
{
    (void)range;
    (void)text; /* bison calls this for memory only: syntax errors go the way above */
    b->failed = true;
}

#define YYLLOC_DEFAULT(current, rhs, n)                        \
    ((current).first = YYRHSLOC(rhs, (n) ? 1 : 0).first,       \
     (current).last = YYRHSLOC(rhs, n).last)
}

%%

file:      %empty
         | file statement                   { pn_build_statement(b, $2); }
statement: KEY ALLOW NEWLINE                { $$ = pn_build_rule(b, @$, PN_ALLOW, empty); }
         | KEY DENY NEWLINE                 { $$ = pn_build_rule(b, @$, PN_DENY, empty); }
         | KEY ALLOW assigns NEWLINE        { $$ = pn_build_rule(b, @$, PN_ALLOW, $3); }
         | KEY DENY assigns NEWLINE         { $$ = pn_build_rule(b, @$, PN_DENY, $3); }
         | SKIPPED NEWLINE                  { $$ = pn_build_leaf(b, PN_NODE_SKIPPED, @$); }
         | HEADER NEWLINE                   { $$ = pn_build_leaf(b, PN_NODE_HEADER, @$); }
         | elements COLON verdict settings NEWLINE
                                            { $$ = pn_build_policy_rule(b, @$, $3, $1, $4); }
         | SET NAMED SIGN elements NEWLINE  { $$ = pn_build_named(b, PN_NODE_SET, @$, $4); }
         | SET NAMED SIGN box NEWLINE       { $$ = pn_build_named(b, PN_NODE_SET, @$, $4); }
         | ENV NAMED SIGN given NEWLINE     { $$ = pn_build_named(b, PN_NODE_ENV, @$, $4); }
         | INCLUDE VALUE NEWLINE            { $$ = pn_build_leaf(b, PN_NODE_INCLUDE, @$); }
         | EXPECT query COLON conditions NEWLINE
                          { $$ = pn_build_assertion(b, PN_NODE_EXPECT, @$, $2, $4); }
         | ALWAYS elements COLON conditions NEWLINE
                          { $$ = pn_build_assertion(b, PN_NODE_ALWAYS, @$, $2, $4); }
         | ALWAYS NOT elements COLON conditions NEWLINE
                                            { $$ = pn_build_outside(b, @$, $3, $5); }
         | SET NAMED error NEWLINE          { $$ = pn_build_broken(b, @$); yyerrok; }
         | ENV NAMED error NEWLINE          { $$ = pn_build_broken(b, @$); yyerrok; }
         | SET NAMED SIGN error NEWLINE     { $$ = pn_build_broken(b, @$); yyerrok; }
         | ENV NAMED SIGN error NEWLINE     { $$ = pn_build_broken(b, @$); yyerrok; }
         | error NEWLINE                    { $$ = pn_build_leaf(b, PN_NODE_ERROR, @$); yyerrok; }
assigns:   assign                           { $$ = pn_list_append(empty, $1); }
         | assigns assign                   { $$ = pn_list_append($1, $2); }
assign:    NAME VALUE                       { $$ = pn_build_leaf(b, PN_NODE_ASSIGN, @$); }

elements:  targets                          { $$ = $1; }
         | targets except                   { $$ = pn_list_append($1, $2); }
except:    EXCEPT excluded                  { $$ = $2; }
excluded:  targets                          { $$ = pn_build_except(b, @$, $1); }
targets:   target                           { $$ = pn_list_append(empty, $1); }
         | targets COMMA target             { $$ = pn_list_append($1, $3); }
target:    WORD                             { $$ = pn_build_leaf(b, PN_NODE_TARGET, @$); }
         | LIST VALUE                       { $$ = pn_build_list(b, @$); }
         | LIST VALUE bounds                { $$ = pn_build_list(b, @$); }
bounds:    least
         | most
         | least most
least:     AT LEAST COUNT
most:      AT MOST COUNT
box:       OPEN gap CLOSE                   { $$ = empty; }
         | OPEN gap boxed gap CLOSE         { $$ = $3; }
         | OPEN gap boxed gap CLOSE except  { $$ = pn_list_append($3, $6); }
         | OPEN gap UNCLOSED                { $$ = pn_build_unclosed(b, @3, empty); }
         | OPEN gap boxed gap UNCLOSED      { $$ = pn_build_unclosed(b, @5, $3); }
boxed:     item                             { $$ = pn_list_append(empty, $1); }
         | boxed breaks item                { $$ = pn_list_append($1, $3); }
item:      target                           { $$ = $1; }
         | error                            { $$ = NULL; }
gap:       %empty
         | breaks
breaks:    break
         | breaks break
break:     COMMA
         | NEWLINE                          { yyerrok; }
verdict:   ALLOW                            { $$ = PN_ALLOW; }
         | DENY                             { $$ = PN_DENY; }
         | BLOCK                            { $$ = PN_BLOCK; }
settings:  %empty                           { $$ = empty; }
         | settings COMMA setting           { $$ = pn_list_append($1, $3); }
setting:   variable                         { $$ = $1; }
         | term                             { $$ = $1; }
given:     variable                         { $$ = pn_list_append(empty, $1); }
         | given COMMA variable             { $$ = pn_list_append($1, $3); }
variable:  SETTING VALUE                    { $$ = pn_build_leaf(b, PN_NODE_ASSIGN, @$); }
         | GROUP                            { $$ = pn_build_leaf(b, PN_NODE_GROUP, @$); }
term:      admission                        { $$ = $1; }
         | UNTIL AMOUNT                     { $$ = pn_build_term(b, @$, PN_TERM_UNTIL); }
         | OWNER VALUE                      { $$ = pn_build_term(b, @$, PN_TERM_OWNER); }
         | TICKET VALUE                     { $$ = pn_build_term(b, @$, PN_TERM_TICKET); }
         | penalty                          { $$ = $1; }
penalty:   PENALTY status AMOUNT            { $$ = pn_build_term(b, @$, PN_TERM_PENALTY); }
         | NO_PENALTY                       { $$ = pn_build_term(b, @$, PN_TERM_EXEMPT); }
status:    AMOUNT
         | SIGNAL
admission: LIMIT AMOUNT per                 { $$ = pn_build_term(b, @$, PN_TERM_LIMIT); }
         | RATE AMOUNT per                  { $$ = pn_build_term(b, @$, PN_TERM_RATE); }
         | REJECT VALUE                     { $$ = pn_build_term(b, @$, PN_TERM_REJECT); }
per:       %empty
         | PER AMOUNT

query:     target                           { $$ = pn_list_append(empty, $1); }
         | query target                     { $$ = pn_list_append($1, $2); }
conditions: condition                      { $$ = pn_list_append(empty, $1); }
         | conditions COMMA condition        { $$ = pn_list_append($1, $3); }
         | conditions NO_HOST
                     { $$ = pn_list_append($1, pn_build_assume(b, @2, PN_NO_HOST)); }
         | conditions NO_IDENT
                     { $$ = pn_list_append($1, pn_build_assume(b, @2, PN_NO_IDENT)); }
condition: verdict                          { $$ = pn_build_verdict(b, @$, $1); }
         | SETTING VALUE                    { $$ = pn_build_leaf(b, PN_NODE_ASSIGN, @$); }
         | UNSET                            { $$ = pn_build_leaf(b, PN_NODE_UNSET, @$); }
         | BY WORD                          { $$ = pn_build_leaf(b, PN_NODE_BY, @$); }
         | admission                        { $$ = $1; }
         | penalty                          { $$ = $1; }
         | NO_HOST                          { $$ = pn_build_assume(b, @$, PN_NO_HOST); }
         | NO_IDENT                         { $$ = pn_build_assume(b, @$, PN_NO_IDENT); }

%%

_Static_assert(YYSYMBOL_NO_BLANK - YYSYMBOL_KEY == PN_TOK_NO_BLANK - PN_TOK_KEY,
               "symbols are numbered as their tokens are");

static int
yyreport_syntax_error(const yypcontext_t *context, struct pn_build *b)
{
    yysymbol_kind_t symbols[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    struct pn_expected expected = { 0 };

    for (int i = 0; i < count; i++)
        pn_expected_add(&expected, PN_TOK_KEY + ((int)symbols[i] - YYSYMBOL_KEY));
    pn_build_syntax_error(b, *yypcontext_location(context), expected);
    return count < 0 ? count : 0;
}
