" Rule files: comments, the layout by gq, and :make by the linter.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

let s:cpo = &cpo
set cpo&vim
setlocal commentstring=#\ %s comments=:# formatoptions-=t formatoptions+=croql
setlocal formatexpr=postern#format()
compiler postern
command! -buffer -bar PosternFormat call postern#format()

augroup postern
  autocmd! * <buffer>
  autocmd InsertLeave,TextChanged <buffer> call postern#follow()
augroup END

let b:undo_ftplugin = 'setlocal commentstring< comments< formatoptions< formatexpr< makeprg<'
      \ . ' errorformat< | delcommand -buffer PosternFormat | autocmd! postern * <buffer>'

let &cpo = s:cpo
unlet s:cpo
