;;; postern-mode.el --- Rules for who may connect to a TCP service  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages

;;; Commentary:

;; Highlighting of rule files in both languages, their layout by `postern fmt', `compile' by
;; `postern lint', and the language server for eglot, with the what-if:
;; M-x postern-check-client asks what a client is answered, and lights the rule that decides.

;;; Code:

(require 'rx)
(require 'seq)
(require 'subr-x)

(defgroup postern nil
  "Rules for who may connect to a TCP service."
  :group 'languages)

(defcustom postern-program "postern"
  "The program that lays out, lints and serves."
  :type 'string
  :risky t)

(defconst postern--header
  (rx (* (any " \t")) (group "postern" (* blank) ":" (* blank) (? "deny" (+ blank)) (+ digit))
      (* blank) (or eol "#")))

(defconst postern--verdict-ahead (rx ":" (or "allow" "deny")))

;; What a word goes on in, and an ident before a target.
(rx-define postern-rest (* (not (any " \t\r\n,:;#\"'{}[]()"))))
(rx-define postern-quoted (seq "\"" (* (or (not (any "\"\\\n")) (seq "\\" nonl))) "\""))
(rx-define postern-ident (seq (or (+ (any "A-Za-z0-9_.+-")) postern-quoted) "@"))
(rx-define postern-six (seq (* xdigit) ":" (* xdigit) ":" (* (any xdigit ":."))))
(rx-define postern-end (or (any " \t\r\n,:;#\"'{}[]()") eos))
(rx-define postern-name (seq (any "A-Za-z_") (* (any "A-Za-z0-9_"))))

(defconst postern--target
  `((,(rx (group (or "file" "except")) postern-end) 1 font-lock-keyword-face)
    (,(rx (group "at") (+ blank) (or "least" "most") (+ blank) digit) 1 font-lock-keyword-face)
    (,(rx (group (or "least" "most")) (+ blank) digit) 1 font-lock-keyword-face)
    (,(rx (? postern-ident) (or (seq postern-six (? (or (seq "-" postern-six) (seq "/" (+ digit)))))
                                (seq "[" (* (any xdigit ":.")) "]" (? "/" (+ digit)))))
     0 postern-address)
    (,(rx (? postern-ident) "$" postern-rest) 0 font-lock-variable-name-face)
    (,(rx (? postern-ident) "=" postern-rest) 0 font-lock-type-face)
    (,(rx (? postern-ident) "*" postern-rest) 0 postern-operator)
    (,(rx (? postern-ident) (not (any "! \t\r\n,:;#\"'{}[]()")) postern-rest) 0 postern-address))
  "What a target is: a regexp, its group, and a face.")

(defconst postern--value
  `((,(rx "\"" (* (or (not (any "\"\\\n")) (seq "\\" nonl))) (or "\"" (seq (? "\\") eol)))
     0 font-lock-string-face)
    (,(rx "'" (* (not (any "'\n"))) (or "'" eol)) 0 font-lock-string-face)))

(defconst postern--left `(,@postern--target ,@postern--value ("!" 0 postern-operator)))

(defconst postern--right
  `((,(rx (group postern-name) "=" (any "\"'")) 1 postern-setting)
    (,(rx (group (or "allow" "deny" "block")) (or (not (any "A-Za-z0-9_")) eos)) 1 postern-verdict)
    (,(rx (group (or "by" "limit" "rate" "per" "reject" "until" "owner" "ticket"
                     "penalty" "signal" (seq "no" (+ blank) "penalty")
                     (seq "assuming" (+ blank) "no" (+ blank) (or "host" "ident"))))
          (or (not (any "A-Za-z0-9_")) eos))
     1 font-lock-keyword-face)
    (,(rx "$" postern-name) 0 font-lock-variable-name-face)
    (,(rx "!" postern-name) 0 postern-setting)
    (,(rx (? "/") digit (* (not (any " \t\r\n,#\"'"))) (? ",/" (+ digit))) 0 postern-address)
    (,(rx postern-name) 0 nil)
    ,@postern--value))

(defface postern-address '((t :inherit font-lock-constant-face))
  "Addresses, prefixes, ranges and amounts.")
(defface postern-operator '((t :inherit font-lock-builtin-face))
  "The default, what a definition is made with, and what is left out.")
(defface postern-verdict '((t :inherit font-lock-function-name-face :weight bold))
  "What a client is answered.")
(defface postern-setting '((t :inherit font-lock-builtin-face :slant italic))
  "Names of variables that a rule sets.")
(defface postern-decides '((t :inherit highlight))
  "The rule that decides for a client.")

;;; Which language

(defvar-local postern--extended nil "Whether the text is in the extended language.")

(defun postern--extended-p ()
  "Whether the first line that is neither blank nor a comment is a header."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (point-min))
      (skip-chars-forward "\ufeff")
      (while (and (looking-at (rx (* blank) (? "\r") (or "#" eol))) (= 0 (forward-line)) (not (eobp))))
      (looking-at postern--header))))

(defconst postern--classic-rule
  (rx bol (*? nonl) ":" (or "allow" "deny") (or "," (seq (* blank) eol))))

(defun postern--rules-p ()
  "Whether the text reads like rules: other programs have files that end in .rules."
  (or (postern--extended-p)
      (= (buffer-size) 0)
      (save-excursion
        (goto-char (point-min))
        (re-search-forward postern--classic-rule 65536 t))))

;;;###autoload
(defun postern-mode-maybe ()
  "`postern-mode' for what reads like rules, else `conf-mode'."
  (if (postern--rules-p) (postern-mode) (conf-mode)))

;;; Tokens

(defconst postern--keyword
  (rx (group (or (group (or "set" "env")) "include" "expect" "always")) postern-end))

(defconst postern--next-statement
  (rx (or (seq (* blank) (or "set" "env" "include" "expect" "always") postern-end)
          (seq (* (not (any "#\"'\n"))) ":" (* blank) (or "allow" "deny" "block")
               (or (not (any "A-Za-z0-9_\n")) eol)))))

(defun postern--lex-by (rules)
  "The token at point by the first of RULES that fits; point is moved behind it."
  (let ((rule (seq-find (lambda (r) (looking-at (car r))) rules)))
    (if (not rule)
        (ignore (forward-char))
      (goto-char (match-end (nth 1 rule)))
      (and (nth 2 rule) (list (match-beginning (nth 1 rule)) (point) (nth 2 rule))))))

(defun postern--lex-statement ()
  "The tokens of the statement at point, which is left behind it.
A line ends it, unless its last token is a comma, or a set is open."
  (let ((mode 'start) tokens comma braces env done)
    (while (not done)
      (skip-chars-forward " \t\r")
      (cond
       ((eobp) (setq done t))
       ((eolp)
        (forward-char)
        (setq done (if braces (looking-at postern--next-statement) (not comma))))
       ((eq (char-after) ?#)
        (push (list (point) (line-end-position) 'font-lock-comment-face) tokens)
        (end-of-line))
       ((and (eq (char-after) ?,) (not (eq mode 'name)))
        (setq comma t)
        (forward-char))
       (t
        (setq comma nil)
        (pcase mode
          ('start
           (cond
            ((looking-at postern--header)
             (push (list (match-beginning 1) (match-end 1) 'font-lock-preprocessor-face) tokens)
             (goto-char (match-end 1))
             (setq mode 'left))
            ((looking-at postern--keyword)
             (push (list (match-beginning 1) (match-end 1) 'font-lock-keyword-face) tokens)
             (goto-char (match-end 1))
             (setq env (eq (char-after (match-beginning 1)) ?e)
                   env (and env (match-beginning 2))
                   mode (if (match-beginning 2) 'name 'left)))
            (t (setq mode 'left))))
          ('name
           (cond
            ((looking-at (rx postern-name))
             (push (list (point) (match-end 0) 'font-lock-variable-name-face) tokens)
             (goto-char (match-end 0)))
            (t
             (when (eq (char-after) ?=)
               (push (list (point) (1+ (point)) 'postern-operator) tokens))
             (setq mode (if (and env (eq (char-after) ?=)) 'right 'left))
             (forward-char))))
          ((or 'left 'by)
           (pcase (char-after)
             (?{ (setq braces t) (forward-char))
             (?} (setq braces nil) (forward-char))
             ((and ?: (guard (not (looking-at (rx postern-six)))))
              (setq mode 'right)
              (forward-char))
             (_ (when-let ((token (postern--lex-by postern--left))) (push token tokens))))
           (when (eq mode 'by) (setq mode 'right)))
          ('right
           (let ((token (postern--lex-by postern--right)))
             (when token (push token tokens))
             (when (and token (eq (nth 2 token) 'font-lock-keyword-face)
                        (equal "by" (buffer-substring-no-properties (car token) (nth 1 token))))
               (setq mode 'by))))))))
    (nreverse tokens)))

(defun postern--lex-classic ()
  "The tokens of the line of a classic file at point, which is left behind it."
  (let ((end (line-end-position)) tokens)
    (cond
     ((eq (char-after) ?#) (push (list (point) end 'font-lock-comment-face) tokens))
     ((re-search-forward postern--verdict-ahead end t)
      (let ((key (line-beginning-position)) (colon (match-beginning 0)))
        (goto-char key)
        (push (if (= key colon)
                  (list key (1+ key) 'postern-operator)
                (list key colon (if (looking-at (rx (? (* (not (any "@:\n"))) "@") "="))
                                    'font-lock-type-face
                                  'postern-address)))
              tokens)
        (goto-char (1+ colon))
        (looking-at (rx (or "allow" "deny")))
        (push (list (point) (match-end 0) 'postern-verdict) tokens)
        (goto-char (match-end 0))
        (while (and (< (point) end) (looking-at (rx "," (group (+ (not (any "=\n")))) "=")))
          (push (list (match-beginning 1) (match-end 1) 'postern-setting) tokens)
          (goto-char (match-end 0))
          (let* ((quote (char-after))
                 (close (and (< (point) end)
                             (save-excursion (forward-char)
                                             (search-forward (string quote) end t)))))
            (push (list (point) (or close end) 'font-lock-string-face) tokens)
            (goto-char (or close end)))))))
    (goto-char end)
    (forward-line)
    (nreverse tokens)))

;;; Highlighting

(defvar-local postern--tokens nil "What is lexed, and not yet shown.")
(defvar-local postern--lexed nil "How far it is lexed.")
(defvar-local postern--shown nil "Where the last token ended that was shown.")
(defvar postern--face nil "The face of the token that was matched.")

(defun postern--next (limit)
  "Match the next token before LIMIT, as a matcher of font-lock does."
  (unless (eql (point) postern--shown)
    (setq postern--tokens nil
          postern--lexed (line-beginning-position)))
  (while (and (null postern--tokens) (< postern--lexed limit))
    (goto-char postern--lexed)
    (let ((case-fold-search nil))
      (setq postern--tokens (if postern--extended (postern--lex-statement) (postern--lex-classic))
            postern--lexed (point))))
  (let ((token (pop postern--tokens)))
    (setq postern--shown nil)
    (when (and token (< (car token) limit))
      (set-match-data (list (car token) (nth 1 token)))
      (goto-char (nth 1 token))
      (setq postern--shown (point)
            postern--face (nth 2 token))
      t)))

(defun postern--beginning ()
  "Go to the beginning of a statement, at this line or before it."
  (let ((case-fold-search nil))
    (beginning-of-line)
    (while (and (not (bobp))
                (save-excursion
                  (skip-chars-backward " \t\r\n")
                  (beginning-of-line)
                  (looking-at (rx (or (seq (* nonl) "," (* blank) (? "#" (* nonl)) eol)
                                      (seq (* blank) "#"))))))
      (skip-chars-backward " \t\r\n")
      (beginning-of-line))
    ;; in the braces of a set, as far as 1,000 lines tell
    (let ((set (save-excursion
                 (and (re-search-backward (rx bol (* blank) (or (seq "set" blank (* nonl) "{")
                                                                (seq (*? nonl) "}")))
                                          (save-excursion (forward-line -1000) (point)) t)
                      (looking-at (rx (* blank) "set" blank (* (not (any "}\n"))) eol))
                      (point)))))
      (when set (goto-char set)))))

(defvar font-lock-beg)
(defvar font-lock-end)

(defun postern--extend ()
  "Have whole statements fontified."
  (let ((extended (postern--extended-p)))
    (unless (eq extended postern--extended)
      (setq postern--extended extended)
      (font-lock-flush)))
  (when postern--extended
    (let ((begin (save-excursion (goto-char font-lock-beg) (postern--beginning) (point))))
      (when (< begin font-lock-beg)
        (setq font-lock-beg begin)))))

;;; Commands

(defun postern-format-buffer ()
  "Give the buffer its one layout, by `postern fmt'."
  (interactive)
  (let ((made (generate-new-buffer " *postern fmt*"))
        (errors (make-temp-file "postern")))
    (unwind-protect
        (if (eq 0 (call-process-region nil nil postern-program nil (list made errors) nil "fmt" "-"))
            (replace-buffer-contents made)
          (user-error "%s" (with-temp-buffer
                             (insert-file-contents errors)
                             (string-trim (buffer-string)))))
      (kill-buffer made)
      (delete-file errors))))

(declare-function eglot-current-server "eglot")
(declare-function eglot--TextDocumentIdentifier "eglot")
(declare-function eglot--uri-to-path "eglot")
(declare-function jsonrpc-request "jsonrpc")
(defvar eglot-server-programs)

(defun postern-forget-check ()
  "Take away what `postern-check-client' has lit."
  (interactive)
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (remove-overlays nil nil 'postern t))))

(defun postern-check-client (client)
  "Ask what CLIENT is answered, and light what decides.
It is written as \"joe@192.0.2.7 =mx.example.com\"."
  (interactive "sClient: ")
  (let* ((server (or (eglot-current-server) (user-error "M-x eglot comes first")))
         (answer (jsonrpc-request server :workspace/executeCommand
                                  (list :command "postern.check"
                                        :arguments (vector (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
                                                                 :client client))))))
    (postern-forget-check)
    (seq-doseq (place (plist-get answer :ranges))
      (with-current-buffer (find-file-noselect (eglot--uri-to-path (plist-get place :uri)))
        (save-excursion
          (goto-char (point-min))
          (forward-line (plist-get (plist-get (plist-get place :range) :start) :line))
          (let ((lit (make-overlay (line-beginning-position) (line-end-position))))
            (overlay-put lit 'face 'postern-decides)
            (overlay-put lit 'postern t)))))
    (message "%s: %s" client (replace-regexp-in-string "\n *" ", " (string-trim (plist-get answer :answer))))))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (list 'postern-mode postern-program "lsp")))

(defvar postern-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-f") #'postern-format-buffer)
    (define-key map (kbd "C-c C-c") #'postern-check-client)
    map))

(defvar postern-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?' "\"" table)
    table))

;;;###autoload
(define-derived-mode postern-mode prog-mode "Postern"
  "Rules for who may connect to a TCP service."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+[ \t]*")
  (setq postern--extended (postern--extended-p))
  (setq-local font-lock-defaults
              '(((postern--next (0 postern--face))) nil nil nil
                (font-lock-syntactic-face-function . ignore)))
  (add-hook 'font-lock-extend-region-functions #'postern--extend nil t)
  (when buffer-file-name
    (setq-local compile-command
                (concat postern-program " lint --format gcc "
                        (shell-quote-argument (file-name-nondirectory buffer-file-name))))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.rules\\'" . postern-mode-maybe))
;;;###autoload
(add-to-list 'auto-mode-alist '("/tcp\\.smtp\\'" . postern-mode))
;;;###autoload
(autoload 'postern--extended-p "postern-mode")
;;;###autoload
(add-to-list 'magic-fallback-mode-alist '(postern--extended-p . postern-mode))

(provide 'postern-mode)
;;; postern-mode.el ends here
