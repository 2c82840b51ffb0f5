-- What an editor of Debian does with the language server: run by neovim.py.
local client
vim.api.nvim_create_autocmd("FileType", { pattern = "postern", callback = function()
  client = client or vim.lsp.start_client({ cmd = { vim.env.POSTERN, "lsp" }, root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, client)
end })
local function wait(what, fn)
  if not vim.wait(20000, fn, 50) then print("FAILED " .. what) vim.cmd("cquit 1") end
  print("ok " .. what)
end
vim.cmd("edit a.rules")
vim.bo.filetype = "postern"
wait("attached", function() return #vim.lsp.buf_get_clients(0) > 0 and vim.lsp.buf_get_clients(0)[client] ~= nil end)
wait("an error is shown", function()
  for _, d in ipairs(vim.diagnostic.get(0)) do if d.code == "bad-verdict" then return true end end
end)
vim.api.nvim_buf_set_lines(0, 2, 3, false, { "$office : allow" })
wait("it goes away", function()
  for _, d in ipairs(vim.diagnostic.get(0)) do if d.severity == 1 then return false end end
  return true
end)
local function ask(method, more)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, "utf-16"), more or {})
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
  return answers and answers[client] and answers[client].result
end
vim.api.nvim_win_set_cursor(0, { 3, 2 })
wait("hover", function() return vim.inspect(ask("textDocument/hover")):find("65,536") end)
wait("definition", function() return vim.inspect(ask("textDocument/definition")):find("inc.rules") end)
wait("completion", function() return vim.inspect(ask("textDocument/completion")):find("$office", 1, true) end)
vim.lsp.buf.rename("hq")
wait("rename", function() return vim.api.nvim_buf_get_lines(0, 2, 3, false)[1] == "$hq : allow" end)
wait("over the include", function()
  local buffer = vim.fn.bufnr("inc.rules")
  return buffer > 0 and vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1] == "set hq = 10.1.0.0/16"
end)
vim.api.nvim_buf_set_lines(0, 3, 4, false, { "*    :   deny" })
vim.lsp.buf.formatting_sync({}, 20000)
wait("layout", function() return vim.api.nvim_buf_get_lines(0, 3, 4, false)[1] == "*   : deny" end)
vim.cmd("qall!")
