" What the file type, the syntax and the commands of rule files share.

let s:cpo = &cpo
set cpo&vim
let s:header = '^\s*postern\s*:\s*\%(deny\s\+\)\?\d\+\s*\%(#.*\)\?$'
let s:classic = '^\%([^:]\|:\%(allow\|deny\)\@!\)*:\%(allow\|deny\)\%(,\|\s*$\)'

" The first line that is neither blank nor a comment, of the first thousand.
function! s:first() abort
  for l:line in getline(1, 1000)
    if l:line !~# '^\%uFEFF\?\s*\%(#\|$\)'
      return l:line
    endif
  endfor
  return ''
endfunction

" Whether the text is in the extended language.
function! postern#extended() abort
  return s:first() =~# s:header
endfunction

" Other programs have files that end in .rules: one of its lines has to be a rule. The name alone
" is enough for one that is empty.
function! postern#detect(named) abort
  let l:first = s:first()
  if l:first =~# s:header || a:named && (match(getline(1, 1000), s:classic) >= 0
        \ || l:first ==# '' && expand('%:p') !~# '/udev/')
    unlet! b:did_ftplugin  " Vim has taken it for another type's, which may know no way back
    set filetype=postern
  endif
endfunction

" A file that is given a header, or loses it, is in the other language.
function! postern#follow() abort
  if get(b:, 'postern_extended', -1) != postern#extended() && &syntax ==# 'postern'
    let &l:syntax = 'postern'
  endif
endfunction

" 'formatexpr': the one layout is that of a whole file, so that is what is laid out. A file that
" cannot be read is left as it is, and what is wrong with it is said.
function! postern#format() abort
  if mode() =~# '[iR]'
    return 1
  endif
  let l:text = getline(1, '$')
  let l:errors = tempname()
  let l:made = systemlist('postern fmt - 2>' . shellescape(l:errors), l:text)
  let l:said = filereadable(l:errors) ? readfile(l:errors) : []
  call delete(l:errors)
  if v:shell_error
    echohl ErrorMsg | echomsg join(l:said, ' ') | echohl None
  elseif l:made != l:text
    let l:view = winsaveview()
    call setline(1, l:made)
    if line('$') > len(l:made)
      silent execute len(l:made) + 1 . ',$delete _'
    endif
    call winrestview(l:view)
  endif
  return 0
endfunction

let &cpo = s:cpo
unlet s:cpo
