" Rule files by name, where they read like ones, and any file by its header.
autocmd BufNewFile,BufRead *.rules,rules,tcp.smtp call postern#detect(1)
autocmd BufRead * call postern#detect(0)
