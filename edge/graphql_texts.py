"""Every sentence of graphql-core 3.3 that can reach a client, with its Chinese (see edge/texts.py).

Parts: what stands around other sentences; syntax; validation, rule by rule; values; execution.
A test reads the library's own source and finds each of its sentences here, so that a new
version cannot bring English into Chinese answers unnoticed. Strawberry's scalars are here too:
what they refuse reaches clients the same way.
"""

from __future__ import annotations

from typing import Final

from edge.texts import Texts

_AROUND: Final[Texts] = {
    "Syntax Error: {text:text}": "语法错误：{text:text}",
    "Variable '{name}' has invalid value at {path}: {text:text}": (
        "变量 {name} 在 {path} 处的值无效：{text:text}"
    ),
    "Variable '{name}' has invalid value: {text:text}": "变量 {name} 的值无效：{text:text}",
    "Variable '{name}' has invalid default value at {path}: {text:text}": (
        "变量 {name} 在 {path} 处的默认值无效：{text:text}"
    ),
    "Variable '{name}' has invalid default value: {text:text}": "变量 {name} 的默认值无效：{text:text}",
    "{owner:text} has invalid value at {path}: {text:text}": "{owner:text} 在 {path} 处的值无效：{text:text}",
    "{owner:text} has invalid value: {text:text}": "{owner:text} 的值无效：{text:text}",
    "{owner:text} has invalid default value at {path}: {text:text}": (
        "{owner:text} 在 {path} 处的默认值无效：{text:text}"
    ),
    "{owner:text} has invalid default value: {text:text}": "{owner:text} 的默认值无效：{text:text}",
    "{owner:text} of required type '{type}' was not provided.": "缺少 {owner:text}（类型 {type}，必填）。",
    "Argument '{argument}'": "参数 {argument}",
    "Variable '{variable}' defined by fragment '{fragment}'": "片段 {fragment} 所定义的变量 {variable}",
    "Expected value of type '{type}' not to include unknown field '{field}'. Did you mean {names:list}?"
    " Found: {found}.": "类型 {type} 的值含有未知字段 {field}：{found}。是否想用 {names:list}？",
    "Field '{field}' of type '{type}' must have a selection of subfields. Did you mean '{example}'?": (
        "字段 {field} 的类型为 {type}，须选择其子字段，例如 {example}。"
    ),
    "{text:text} Did you mean to use an inline fragment on {names:list}?": (
        "{text:text}是否想用 {names:list} 上的内联片段？"
    ),
    "{text:text} Did you mean the enum value {names:list}?": "{text:text}是否想用枚举值 {names:list}？",
    "{text:text} Did you mean {names:list}?": "{text:text}是否想用 {names:list}？",
}

_SYNTAX: Final[Texts] = {
    "Document contains more than {limit} tokens. Parsing aborted.": (
        "文档的词法单元（token）超过 {limit} 个，已停止解析。"
    ),
    "Document contains more than {limit} comments. Parsing aborted.": (
        "文档的注释超过 {limit} 条，已停止解析。"
    ),
    "Source contains more than {limit} code points. Parsing aborted.": (
        "文档超过 {limit} 个字符，已停止解析。"
    ),
    "Document is nested too deeply. Parsing aborted.": "文档嵌套过深，已停止解析。",
    "Unexpected '..', did you mean '...'?": "此处不应出现 “..”，是否想用 “...”？",
    "Unexpected single quote character ('), did you mean to use a double quote (\")?": (
        "此处不应出现单引号（'），是否想用双引号（\"）？"
    ),
    "Unexpected description, descriptions are not supported on shorthand queries.": (
        "简写的查询不能带描述。"
    ),
    "Unexpected description, only GraphQL definitions support descriptions.": (
        "只有 GraphQL 定义可以带描述。"
    ),
    "Unexpected variable '{variable}' in constant value.": "常量值中不能使用变量 {variable}。",
    "Unexpected character: {character}.": "此处不应出现字符 {character}。",
    "Invalid character: {character}.": "无效的字符 {character}。",
    "Invalid character within String: {character}.": "字符串中有无效的字符 {character}。",
    "Invalid number, expected digit before '.', did you mean '{number}'?": (
        "数字无效：小数点前应有数字，是否想写 {number}？"
    ),
    "Invalid number, unexpected digit after 0: {character}.": "数字无效：0 之后不应有数字 {character}。",
    "Invalid number, expected digit but got: {character}.": "数字无效：此处应为数字，实为 {character}。",
    "Invalid Unicode escape sequence: '{sequence}'.": "无效的 Unicode 转义序列 {sequence}。",
    "Invalid character escape sequence: '{sequence}'.": "无效的转义序列 {sequence}。",
    "Unterminated string.": "字符串没有结束。",
    "{token} is reserved and cannot be used for an enum value.": "{token} 是保留字，不能用作枚举值。",
    "Expected {expected}, found {token}.": "此处应为 {expected}，实为 {token}。",
    "Unexpected {token}.": "此处不应出现 {token}。",
}

_VALIDATION: Final[Texts] = {
    # ExecutableDefinitions, KnownOperationTypes, UniqueOperationNames, LoneAnonymousOperation
    "The {name} definition is not executable.": "定义 {name} 不可执行。",
    "The {kind} operation is not supported by the schema.": "模式（schema）不支持 {kind} 操作。",
    "There can be only one operation named '{name}'.": "名为 {name} 的操作只能有一个。",
    "This anonymous operation must be the only defined operation.": "文档含匿名操作时，只能有这一个操作。",
    # SingleFieldSubscriptions
    "Anonymous Subscription must not use `@skip` or `@include` directives in the top level selection.": (
        "订阅的顶层不能使用 @skip 或 @include 指令。"
    ),
    "Subscription '{name}' must not use `@skip` or `@include` directives in the top level selection.": (
        "订阅 {name} 的顶层不能使用 @skip 或 @include 指令。"
    ),
    "Anonymous Subscription must select one top level field.": "订阅须选择一个顶层字段。",
    "Subscription '{name}' must select one top level field.": "订阅 {name} 须选择一个顶层字段。",
    "Anonymous Subscription must select only one top level field.": "订阅只能选择一个顶层字段。",
    "Subscription '{name}' must select only one top level field.": "订阅 {name} 只能选择一个顶层字段。",
    "Anonymous Subscription must not select an introspection top level field.": (
        "订阅的顶层不能选择内省字段。"
    ),
    "Subscription '{name}' must not select an introspection top level field.": (
        "订阅 {name} 的顶层不能选择内省字段。"
    ),
    # KnownTypeNames, FragmentsOnCompositeTypes, VariablesAreInputTypes
    "Unknown type '{type}'.": "没有类型 {type}。",
    "Fragment '{fragment}' cannot condition on non composite type '{type}'.": (
        "片段 {fragment} 不能以 {type} 为条件：它不是复合类型。"
    ),
    "Fragment cannot condition on non composite type '{type}'.": "片段不能以 {type} 为条件：它不是复合类型。",
    "Variable '{variable}' cannot be non-input type '{type}'.": (
        "变量 {variable} 不能为 {type}：它不是输入类型。"
    ),
    # ScalarLeafs, FieldsOnCorrectType
    "Field '{field}' must not have a selection since type '{type}' has no subfields.": (
        "字段 {field} 不能再选择子字段：类型 {type} 没有子字段。"
    ),
    "Field '{field}' of type '{type}' must have at least one field selected.": (
        "字段 {field} 的类型为 {type}，须至少选择一个子字段。"
    ),
    "Cannot query field '{field}' on type '{type}'.": "类型 {type} 没有字段 {field}。",
    # UniqueFragmentNames, KnownFragmentNames, NoUnusedFragments, PossibleFragmentSpreads, NoFragmentCycles
    "There can be only one fragment named '{fragment}'.": "名为 {fragment} 的片段只能有一个。",
    "Unknown fragment '{fragment}'.": "没有片段 {fragment}。",
    "Fragment '{fragment}' is never used.": "片段 {fragment} 未被使用。",
    "Fragment cannot be spread here as objects of type '{parent}' can never be of type '{type}'.": (
        "此处不能展开该片段：类型 {parent} 的对象不可能为 {type}。"
    ),
    "Fragment '{fragment}' cannot be spread here as objects of type '{parent}' can never be of type"
    " '{type}'.": ("此处不能展开片段 {fragment}：类型 {parent} 的对象不可能为 {type}。"),
    "Cannot spread fragment '{fragment}' within itself via {path}.": (
        "片段 {fragment} 不能经 {path} 在其自身内展开。"
    ),
    "Cannot spread fragment '{fragment}' within itself.": "片段 {fragment} 不能在其自身内展开。",
    # UniqueVariableNames, NoUndefinedVariables, NoUnusedVariables
    "There can be only one variable named '{variable}'.": "名为 {variable} 的变量只能有一个。",
    "Variable '{variable}' is not defined by operation '{operation}'.": (
        "操作 {operation} 未定义变量 {variable}。"
    ),
    "Variable '{variable}' is not defined.": "未定义变量 {variable}。",
    "Variable '{variable}' is never used in operation '{operation}'.": (
        "操作 {operation} 未使用变量 {variable}。"
    ),
    "Variable '{variable}' is never used in fragment '{fragment}'.": (
        "片段 {fragment} 未使用变量 {variable}。"
    ),
    "Variable '{variable}' is never used.": "变量 {variable} 未被使用。",
    # KnownDirectives, UniqueDirectivesPerLocation
    "Directive '{directive}' may not be used on {location}.": "指令 {directive} 不能用于 {location}。",
    "Unknown directive '{directive}'.": "没有指令 {directive}。",
    "The directive '{directive}' can only be used once at this location.": (
        "指令 {directive} 在此处只能使用一次。"
    ),
    # DeferStreamDirectiveOnRootField, ...OnValidOperations, ...Label, StreamDirectiveOnListField
    "Defer directive cannot be used on root {kind} type '{type}'.": (
        "@defer 不能用于 {kind} 的根类型 {type}。"
    ),
    "Stream directive cannot be used on root {kind} type '{type}'.": (
        "@stream 不能用于 {kind} 的根类型 {type}。"
    ),
    "Defer directive not supported on subscription operations."
    " Disable `@defer` by setting the `if` argument to `false`.": (
        "订阅不支持 @defer；请将其参数 if 设为 false。"
    ),
    "Stream directive not supported on subscription operations."
    " Disable `@stream` by setting the `if` argument to `false`.": (
        "订阅不支持 @stream；请将其参数 if 设为 false。"
    ),
    "{directive} directive label argument must be a static string.": (
        "{directive} 指令的参数 label 须为固定的字符串。"
    ),
    "Defer/Stream directive label argument must be unique.": "@defer 与 @stream 的 label 不能重复。",
    "Stream directive cannot be used on non-list field '{field}' on type '{type}'.": (
        "@stream 只能用于列表，类型 {type} 的字段 {field} 不是列表。"
    ),
    # KnownArgumentNames, UniqueArgumentNames, ProvidedRequiredArguments
    "Unknown argument '{argument}' on directive '{directive}'.": "指令 {directive} 没有参数 {argument}。",
    "Unknown argument '{argument}' on fragment '{fragment}'.": "片段 {fragment} 没有参数 {argument}。",
    "Unknown argument '{argument}' on field '{field}'.": "字段 {field} 没有参数 {argument}。",
    "There can be only one argument named '{argument}'.": "名为 {argument} 的参数只能有一个。",
    "Argument '{argument}' of type '{type}' is required, but it was not provided.": (
        "缺少参数 {argument}（类型 {type}，必填）。"
    ),
    "Fragment '{fragment}' argument '{argument}' of type '{type}' is required, but it was not provided.": (
        "片段 {fragment} 缺少参数 {argument}（类型 {type}，必填）。"
    ),
    # VariablesInAllowedPosition
    "Variable '{variable}' of type '{type}' used in position expecting type '{expected}'.": (
        "变量 {variable} 的类型为 {type}，此处须为 {expected}。"
    ),
    "Variable '{variable}' is of type '{type}' but must be non-nullable to be used for OneOf Input Object"
    " '{object}'.": "变量 {variable} 的类型为 {type}；用于 OneOf 输入对象 {object} 时须为非空类型。",
    # OverlappingFieldsCanBeMerged
    "Fields '{field}' conflict because {reason:text}. Use different aliases on the fields to fetch"
    " both if this"
    " was intentional.": "字段 {field} 相互冲突：{reason:text}。如确需两者，请使用不同的别名。",
    "Spreads '{fragment}' conflict because {one} and {other} have different fragment arguments.": (
        "片段 {fragment} 的两处展开相互冲突：{one} 与 {other} 的参数不同。"
    ),
    "subfields '{field}' conflict because {reason:text} and subfields {others}": (
        "子字段 {field} 相互冲突（{reason:text}），另有 {others}"
    ),
    "subfields '{field}' conflict because {reason:text}": "子字段 {field} 相互冲突（{reason:text}）",
    "'{one}' and '{other}' are different fields": "{one} 与 {other} 是不同的字段",
    "they have differing arguments": "二者的参数不同",
    "they have overlapping stream directives. See {address}": "二者的 @stream 指令重叠",
    "they have overlapping stream directives": "二者的 @stream 指令重叠",
    "they return conflicting types '{one}' and '{other}'": "二者返回的类型 {one} 与 {other} 不相容",
    # UniqueInputFieldNames, MaxIntrospectionDepth
    "There can be only one input field named '{field}'.": "名为 {field} 的输入字段只能有一个。",
    "Maximum introspection depth exceeded": "内省查询嵌套过深。",
    "Too many validation errors, error limit reached. Validation aborted.": "校验错误过多，已停止校验。",
    "Validation aborted.": "文档嵌套过深，已停止校验。",
}

_VALUES: Final[Texts] = {
    "Expected a value of non-null type '{type}' to be provided.": "须给出类型 {type} 的值，该值不能为空。",
    "Expected value of non-null type '{type}' not to be None.": "类型 {type} 的值不能为空（null）。",
    "Expected value of type '{type}' to be an object, found: {found}.": (
        "类型 {type} 的值应为对象，实为 {found}。"
    ),
    "Expected value of type '{type}' to include required field '{field}', found: {found}.": (
        "类型 {type} 的值缺少必填字段 {field}：{found}。"
    ),
    "Expected value of type '{type}' not to include unknown field '{field}', found: {found}.": (
        "类型 {type} 的值含有未知字段 {field}：{found}。"
    ),
    "Expected value of type '{type}', but encountered error '{text:text}'; found: {found}.": (
        "应为类型 {type} 的值，实为 {found}：{text:text}"
    ),
    "Expected value of type '{type}', found: {found}.": "应为类型 {type} 的值，实为 {found}。",
    "Expected variable '{variable}' provided to field '{field}' for OneOf Input Object type '{type}'"
    " to provide"
    " a runtime value.": "用于 OneOf 输入对象 {type} 的字段 {field} 时，须给出变量 {variable} 的值。",
    "Expected variable '{variable}' provided to field '{field}' for OneOf Input Object type '{type}'"
    " not to be"
    " None.": "用于 OneOf 输入对象 {type} 的字段 {field} 时，变量 {variable} 的值不能为空（null）。",
    "Expected variable '{variable}' provided to non-null type '{type}' not to be None.": (
        "变量 {variable} 用于非空类型 {type}，其值不能为空（null）。"
    ),
    "Expected variable '{variable}' provided to type '{type}' to provide a runtime value.": (
        "变量 {variable} 用于类型 {type}，须给出其值。"
    ),
    "Within OneOf Input Object type '{type}', exactly one field must be specified, and the value for"
    " that field"
    " must be non-null.": "OneOf 输入对象 {type} 须且只须给出一个字段，且其值不能为空。",
    "Variable '{variable}' expected value of type '{type}' which cannot be used as an input type.": (
        "变量 {variable} 的类型 {type} 不能用作输入类型。"
    ),
    "Too many errors processing variables, error limit reached. Execution aborted.": (
        "变量的错误过多，已停止执行。"
    ),
    "Variable values are nested too deeply.": "变量的值嵌套过深。",
    "Invalid argument": "参数无效。",
    "Enum '{enum}' cannot represent non-string value: {found}.": "枚举 {enum} 的值应为字符串，实为 {found}。",
    "Enum '{enum}' cannot represent non-enum value: {found}.": "枚举 {enum} 的值应为枚举值，实为 {found}。",
    "Enum '{enum}' cannot represent value: {found}": "枚举 {enum} 不能表示 {found}。",
    "Value '{value}' does not exist in '{enum}' enum.": "枚举 {enum} 没有值 {value}。",
    "Boolean cannot represent a non boolean value: {found}": "Boolean 只能为 true 或 false，实为 {found}。",
    "Float cannot represent non numeric value: {found} (value is too large)": "Float 的值 {found} 过大。",
    "Float cannot represent non numeric value: {found} (value would lose precision)": (
        "Float 的值 {found} 会损失精度。"
    ),
    "Float cannot represent non numeric value: {found}": "Float 须为数字，实为 {found}。",
    "ID cannot represent a non-string and non-integer value: {found}": "ID 须为字符串或整数，实为 {found}。",
    "ID cannot represent value: {found}": "ID 不能表示 {found}。",
    "Int cannot represent non 32-bit signed integer value: {found}": (
        "Int 须为 32 位有符号整数，实为 {found}。"
    ),
    "Int cannot represent non-integer value: {found}": "Int 须为整数，实为 {found}。",
    "String cannot represent a non string value: {found}": "String 须为字符串，实为 {found}。",
    "String cannot represent value: {found}": "String 不能表示 {found}。",
    'Value cannot represent a {type}: "{found}". Expected a string.': "{found} 不是 {type}：应为字符串。",
    'Value cannot represent a Date: "{found}". {reason}': (
        "{found} 不是有效的日期，应写成 2026-06-01 的形式。"
    ),
    'Value cannot represent a DateTime: "{found}". {reason}': (
        "{found} 不是有效的时刻，应写成 2026-06-01T08:00:00+08:00 的形式。"
    ),
    'Value cannot represent a {type}: "{found}". {text:text}': "{found} 不是有效的 {type}：{text:text}",
    'Value cannot represent a {type}: "{found}".': "{found} 不是有效的 {type}。",
}

_EXECUTION: Final[Texts] = {
    "Must provide an operation.": "文档中没有操作。",
    "Must provide operation name if query contains multiple operations.": "文档含多个操作，须指明其一。",
    "Unknown operation named '{name}'.": "没有名为 {name} 的操作。",
    "Selections are nested too deeply. Execution aborted.": "所选字段嵌套过深，已停止执行。",
    "Schema is not configured to execute {kind} operation.": "模式（schema）不支持 {kind} 操作。",
    "The subscription field '{field}' is not defined.": "没有订阅字段 {field}。",
    "Cannot return null for non-nullable field {field}.": "字段 {field} 不能为空，却没有值。",
    "Expected Iterable, but did not find one for field '{field}'.": "字段 {field} 应为列表，实则不是。",
}

GRAPHQL_TEXTS: Final[Texts] = {**_AROUND, **_SYNTAX, **_VALIDATION, **_VALUES, **_EXECUTION}
