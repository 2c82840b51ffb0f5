-- The language server in Neovim, from 0.7 on: require("postern").setup().
local M = {}
local lit = vim.api.nvim_create_namespace("postern")
local client_of_root = {}

local function root_of(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  local here = vim.fn.getcwd()
  if name == "" or vim.startswith(name, here .. "/") then return here end
  return vim.fn.fnamemodify(name, ":h")
end

local function started(root, options)
  local id = client_of_root[root]
  local client = id and vim.lsp.get_client_by_id(id)
  if client and not client.is_stopped() then return id end
  id = vim.lsp.start_client({
    name = "postern", cmd = options.cmd, root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
    init_options = { postern = { roots = options.roots } },
    on_attach = options.on_attach,
  })
  client_of_root[root] = id
  return id
end

local function ask(command, argument, on_answer)
  argument.uri = vim.uri_from_bufnr(0)
  vim.lsp.buf_request(0, "workspace/executeCommand", { command = command, arguments = { argument } },
    function(problem, answer)
      if problem then
        vim.notify(problem.message, vim.log.levels.ERROR)
      elseif answer then
        on_answer(answer)
      end
    end)
end

-- Takes away what `check` has lit.
function M.forget()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    vim.api.nvim_buf_clear_namespace(buffer, lit, 0, -1)
  end
end

-- Asks what a client is answered, as "joe@192.0.2.7 =mx.example.com", and lights what decides.
function M.check(client)
  ask("postern.check", { client = client }, function(answer)
    M.forget()
    for _, place in ipairs(answer.ranges) do
      local buffer = vim.uri_to_bufnr(place.uri)
      vim.fn.bufload(buffer)
      vim.api.nvim_buf_set_extmark(buffer, lit, place.range.start.line, 0,
        { end_row = place.range.start.line + 1, hl_group = "PosternDecides", hl_eol = true })
    end
    local rule = answer.rule and (", by line " .. answer.rule.range.start.line + 1) or ""
    vim.notify(client .. ": " .. vim.trim(answer.answer):gsub("\n%s*", ", ") .. rule)
  end)
end

-- Asks for whom the statement at the cursor decides.
function M.who()
  local position = vim.lsp.util.make_position_params(0, "utf-16").position
  ask("postern.who", { position = position, show = true }, function() end)
end

local function prepare(buffer, options)
  vim.bo[buffer].omnifunc = "v:lua.vim.lsp.omnifunc"
  vim.api.nvim_buf_create_user_command(buffer, "PosternCheck", function(given) M.check(given.args) end,
    { nargs = "+", desc = "what a client is answered, and by which rule" })
  vim.api.nvim_buf_create_user_command(buffer, "PosternWho", M.who, { desc = "for whom this rule decides" })
  vim.api.nvim_buf_create_user_command(buffer, "PosternForget", M.forget, { desc = "light no rule" })
  if options.maps == false then return end
  local maps = { K = "hover", gd = "definition", grn = "rename", gra = "code_action", grr = "references",
    gO = "document_symbol" }
  for keys, does in pairs(maps) do
    vim.keymap.set("n", keys, vim.lsp.buf[does], { buffer = buffer, desc = "postern: " .. does })
  end
end

-- Options: cmd (the program and its arguments), roots (folders more that policies may read),
-- maps (false: no keys), on_attach.
function M.setup(options)
  options = vim.tbl_extend("keep", options or {}, { cmd = { "postern", "lsp" }, roots = vim.empty_dict() })
  if vim.tbl_isempty(options.roots) then options.roots = nil end
  local dark = vim.o.background == "dark"
  vim.api.nvim_set_hl(0, "PosternDecides", { default = true, ctermbg = dark and 58 or 229,
    bg = dark and "#5f5f00" or "#ffffaf" })
  local group = vim.api.nvim_create_augroup("postern_server", { clear = true })
  local function attach(buffer)
    if vim.fn.executable(options.cmd[1]) == 0 then
      vim.notify(options.cmd[1] .. " is not to be found: require('postern').setup({ cmd = ... })",
        vim.log.levels.WARN)
      return
    end
    vim.lsp.buf_attach_client(buffer, started(root_of(buffer), options))
    prepare(buffer, options)
  end
  vim.api.nvim_create_autocmd("FileType", { group = group, pattern = "postern",
    callback = function(event) attach(event.buf) end })
  vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "TextChanged" }, { group = group,
    callback = function(event)
      if vim.bo[event.buf].filetype == "postern" and next(vim.lsp.buf_get_clients(event.buf)) then
        vim.lsp.codelens.refresh()
      end
    end })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.bo[buffer].filetype == "postern" then attach(buffer) end
  end
end

return M
