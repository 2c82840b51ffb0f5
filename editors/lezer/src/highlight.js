import { styleTags, tags as t } from "@lezer/highlight";

export const highlighting = styleTags({
  Header: t.processingInstruction,
  "Comment ClassicComment": t.lineComment,
  "Set Env IncludeKeyword ExpectKeyword AlwaysKeyword File Bound Except By Keyword": t.keyword,
  SetName: t.definition(t.variableName),
  "SetReference Reference": t.variableName,
  "SetDefinition/Equals EnvDefinition/Equals Everybody Not ClassicEverybody": t.operator,
  "Address Amount ClassicAddress": t.number,
  "Host ClassicHost": t.typeName,
  "Verdict ClassicVerdict": t.atom,
  "Variable Unset ClassicVariable": t.propertyName,
  "String ClassicValue": t.string,
});
