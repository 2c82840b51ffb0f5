" Rule files, in both languages. tests/integration/highlighters.py holds it to editors/corpus.
if exists('b:current_syntax')
  finish
endif
let s:cpo = &cpo
set cpo&vim
let b:postern_extended = postern#extended()
syntax case match

highlight default link posternComment Comment
highlight default link posternHeader PreProc
highlight default link posternKeyword Keyword
highlight default link posternSet Identifier
highlight default link posternAddress Number
highlight default link posternAmount Number
highlight default link posternHost Type
highlight default link posternSign Operator
highlight default link posternVerdict Statement
highlight default link posternVariable Special
highlight default link posternString String
highlight default link posternEscape SpecialChar

if !b:postern_extended
  " key:verdict,NAME="value", where any byte may quote
  let s:verdict = '\%(allow\|deny\)'
  let s:key = '\%([^:]\|:' . s:verdict . '\@!\)'
  execute 'syntax match posternAddress /^' . s:key . '\+\ze:' . s:verdict . '/ nextgroup=posternColon'
  execute 'syntax match posternHost /^\%([^@:]*@\)\?=' . s:key . '*\ze:' . s:verdict . '/ nextgroup=posternColon'
  execute 'syntax match posternSign /^:\ze' . s:verdict . '/ nextgroup=posternVerdict'
  syntax match posternComment /^#.*/
  syntax match posternColon contained /:/ nextgroup=posternVerdict
  execute 'syntax match posternVerdict contained /' . s:verdict . '/ nextgroup=posternComma'
  syntax match posternComma contained /,/ nextgroup=posternVariable
  syntax match posternVariable contained /[^=]\+\ze=/ nextgroup=posternEquals
  syntax match posternEquals contained /=/ nextgroup=posternString,posternStringOpen
  syntax match posternStringOpen contained /.\+/
  syntax match posternString contained /\(.\).\{-}\1/ nextgroup=posternComma
  highlight default link posternStringOpen String
  syntax sync minlines=1
  let b:current_syntax = 'postern'
  let &cpo = s:cpo
  unlet s:cpo
  finish
endif

" What ends a word, what goes on in one, and an ident before a target.
let s:end = '\%([] \t,:;#"' . "'" . '{}[()]\|$\)\@='
let s:rest = '[^] \t,:;#"' . "'" . '{}[()]*'
let s:ident = '\%(\%([A-Za-z0-9_.+-]\+\|"\%([^"\\]\|\\.\)*"\)@\)'
let s:six = '[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*'
let s:word = s:ident . '\?[^] !\t,:;#"' . "'" . '{}[()]' . s:rest
let s:name = '[A-Za-z_][A-Za-z0-9_]*'
let s:statement = '\%(set\|env\|include\|expect\|always\)' . s:end

" Left of the colon. What is defined later comes first.
syntax region posternColon contained start=/:/ end=/$/ contains=@posternSettings,posternComment,posternContinued
execute 'syntax match posternAddress contained /' . s:word . '/'
execute 'syntax match posternStar contained /' . s:ident . '\?\*' . s:rest . '/'
execute 'syntax match posternHost contained /' . s:ident . '\?=' . s:rest . '/'
execute 'syntax match posternSet contained /' . s:ident . '\?\$' . s:rest . '/'
execute 'syntax match posternAddress contained /' . s:ident . '\?' . s:six . '\%(-' . s:six . '\|\/\d\+\)\?/'
execute 'syntax match posternAddress contained /' . s:ident . '\?\[[0-9A-Fa-f:.]*\]\%(\/\d\+\)\?/'
execute 'syntax match posternWord contained /\%(file\|except\)' . s:end . '/'
syntax match posternWord contained /at\%(\s\+\%(least\|most\)\s\+\d\)\@=\|\%(least\|most\)\%(\s\+\d\)\@=/
syntax match posternNot contained /!/
syntax cluster posternTargets contains=posternAddress,posternStar,posternHost,posternSet,posternWord

" A value; one that is not ended goes as far as its line.
syntax region posternString contained start=/"/ skip=/\\./ end=/"\|$/ contains=posternEscape
syntax match posternString contained /'[^']*\%('\|$\)/
execute 'syntax match posternAddress contained /' . s:ident . '[^]$=* !\t,:;#"' . "'" . '{}[()]' . s:rest . '/'
execute 'syntax match posternSet contained /"\%([^"\\]\|\\.\)*"@\$' . s:rest . '/'
execute 'syntax match posternHost contained /"\%([^"\\]\|\\.\)*"@=' . s:rest . '/'
execute 'syntax match posternAddress contained /' . s:ident . s:six . '\%(-' . s:six . '\|\/\d\+\)\?/'
execute 'syntax match posternAddress contained /' . s:ident . '\[[0-9A-Fa-f:.]*\]\%(\/\d\+\)\?/'
syntax match posternEscape contained /\\\%(["\\nrt]\|x\x\x\)/

" Right of it.
execute 'syntax match posternOther contained /' . s:name . '/'
syntax match posternVerdict contained /\<\%(allow\|deny\|block\)\>/
syntax match posternWord contained /\<\%(limit\|rate\|per\|reject\|until\|owner\|ticket\|penalty\|signal\)\>/
syntax match posternWord contained /\<no[ \t]\+penalty\>/
syntax match posternWord contained /\<assuming[ \t]\+no[ \t]\+\%(host\|ident\)\>/
syntax match posternBy contained /\<by\>/ nextgroup=@posternTargets skipwhite
execute 'syntax match posternVariable contained /' . s:name . '\ze=["' . "'" . ']/'
execute 'syntax match posternVariable contained /!' . s:name . '/'
execute 'syntax match posternGroup contained /\$' . s:name . '/'
syntax match posternAmount contained /\/\?\d[^ \t,#"']*\%(,\/\d\+\)\?/
syntax cluster posternSettings contains=posternOther,posternVerdict,posternWord,posternBy,posternVariable,posternGroup,posternAmount,posternString

" A statement goes on behind a comma at a line's end, whatever blank lines and comments follow.
syntax match posternContinued contained extend /,\s*\%(#.*\)\?\n\%(\s*\%(#.*\)\?\n\)*/ contains=posternComment
syntax match posternComment /#.*/
syntax cluster posternLeft contains=@posternTargets,posternNot,posternString,posternComment,posternContinued,posternBraces,posternColon
syntax region posternRight contained keepend start=/\ze\S/ end=/$/ contains=@posternSettings,posternComment,posternContinued

" A set that is left open ends where the next statement can be told: at a line of the left side,
" which is why that has statements too.
execute 'syntax region posternBraces contained extend start=/{/ end=/}/'
      \ . ' end=/^\ze\s*' . s:statement . '/ end=/^\ze[^#"' . "'" . ']*:\s*\%(allow\|deny\|block\)\>/'
      \ . ' contains=@posternTargets,posternString,posternComment'
syntax region posternLeft contained keepend start=/\ze\S/ end=/$/ contains=@posternLeft,posternKeyword
syntax region posternRule keepend start=/^\s*\zs\ze[^ \t#]/ end=/$/ contains=@posternLeft
execute 'syntax match posternKeyword /^\s*\zs\%(include\|expect\|always\)' . s:end
      \ . '/ nextgroup=posternLeft skipwhite'
execute 'syntax match posternKeyword /^\s*\zsset' . s:end
      \ . '/ nextgroup=posternDefined,posternSign,posternStray skipwhite'
execute 'syntax match posternKeyword /^\s*\zsenv' . s:end
      \ . '/ nextgroup=posternDefinedEnv,posternSignEnv,posternStray skipwhite'
syntax match posternStray contained /[^ \t]/ nextgroup=posternLeft skipwhite
syntax match posternSign contained /=/ nextgroup=posternLeft skipwhite
syntax match posternSignEnv contained /=/ nextgroup=posternRight skipwhite
execute 'syntax match posternDefined contained /' . s:name
      \ . '/ nextgroup=posternSign,posternStray skipwhite'
execute 'syntax match posternDefinedEnv contained /' . s:name
      \ . '/ nextgroup=posternSignEnv,posternStray skipwhite'
syntax match posternHeader /^\%uFEFF\?\s*\zspostern\s*:\s*\%(deny\s\+\)\?\d\+/ nextgroup=posternLeft skipwhite

highlight default link posternWord posternKeyword
highlight default link posternBy posternKeyword
highlight default link posternStar posternSign
highlight default link posternNot posternSign
highlight default link posternSignEnv posternSign
highlight default link posternGroup posternSet
highlight default link posternDefined posternSet
highlight default link posternDefinedEnv posternSet

syntax sync minlines=300
let b:current_syntax = 'postern'
let &cpo = s:cpo
unlet s:cpo
