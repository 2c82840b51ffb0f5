" :make by postern lint, as gcc writes.
if exists('current_compiler')
  finish
endif
let current_compiler = 'postern'

let s:cpo = &cpo
set cpo&vim
CompilerSet makeprg=postern\ lint\ --format\ gcc\ %:S
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m
CompilerSet errorformat+=%f:%l:\ %trror:\ %m,%f:%l:\ %tarning:\ %m,%f:%l:\ %tote:\ %m
CompilerSet errorformat+=%f:\ %trror:\ %m,%f:\ %tarning:\ %m

let &cpo = s:cpo
unlet s:cpo
