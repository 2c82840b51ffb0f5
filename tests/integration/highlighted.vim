" What each file of the arguments is shown as: LINE FIRST BEHIND GROUP, counted in characters. A
" group that is linked to no other has no colour.
let s:rows = []
for s:file in argv()
  execute 'edit ' . fnameescape(s:file)
  call add(s:rows, '= ' . fnamemodify(s:file, ':t') . ' ' . &filetype)
  for s:line in range(1, line('$'))
    let s:text = getline(s:line)
    for s:at in range(strchars(s:text))
      let s:id = synID(s:line, byteidx(s:text, s:at) + 1, 1)
      if s:id != synIDtrans(s:id)
        call add(s:rows, join([s:line, s:at + 1, s:at + 2, synIDattr(s:id, 'name')], "\t"))
      endif
    endfor
  endfor
endfor
call writefile(s:rows, $POSTERN_OUT)
qall!
