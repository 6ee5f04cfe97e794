"""Edge's own error codes, worded in English and Chinese. Codes are part of the contract.

Each wording states what was found; its hint says what to do. Values in braces travel in
the error's `extensions`, so that a program need not read the prose.
"""

from __future__ import annotations

from typing import Final

from edge.graphql_texts import GRAPHQL_TEXTS
from edge.messages import Messages, Wordings

WORDINGS: Final[Wordings] = {
    # The request as HTTP
    "METHOD_NOT_ALLOWED": (
        "The method {method} is not supported here.",
        "此处不支持 {method} 方法。",
    ),
    "QUERY_ONLY_ON_GET": (
        "A GET request may only run a query, not a {kind}.",
        "GET 请求只能执行查询（query），不能执行 {kind}。",
    ),
    "MEDIA_TYPE_UNSUPPORTED": (
        "The request's Content-Type is {found}, which is not supported.",
        "不支持请求的 Content-Type：{found}。",
    ),
    "CHARSET_UNSUPPORTED": (
        "The request's charset is {found}; only utf-8 is supported.",
        "请求的字符集为 {found}；仅支持 utf-8。",
    ),
    "CONTENT_ENCODING_UNSUPPORTED": (
        "The request's Content-Encoding is {found}; only a body that is not compressed is read.",
        "请求的 Content-Encoding 为 {found}；仅接受未压缩的正文。",
    ),
    "NOT_ACCEPTABLE": (
        "None of the media types in Accept can be produced for this request.",
        "无法以 Accept 所列的任何媒体类型作答。",
    ),
    "CSRF_REFUSED": (
        "The request could have been sent by a page of another site without the browser asking first.",
        "该请求可能由其他网站的页面在未经浏览器预检的情况下发出，已拒绝。",
    ),
    "BODY_MISSING": (
        "The request has no body.",
        "请求没有正文。",
    ),
    "BODY_TOO_LARGE": (
        "The request is larger than {limit} bytes.",
        "请求超过 {limit} 字节。",
    ),
    "BODY_NOT_UTF8": (
        "The request's body is not valid UTF-8.",
        "请求正文不是有效的 UTF-8。",
    ),
    "BODY_NOT_JSON": (
        "The request's body is not valid JSON (line {line}, column {column}).",
        "请求正文不是有效的 JSON（第 {line} 行第 {column} 列）。",
    ),
    "JSON_TOO_DEEP": (
        "The request's JSON is nested more than {limit} levels deep.",
        "请求的 JSON 嵌套超过 {limit} 层。",
    ),
    "ENVELOPE_INVALID": (
        "The request's {parameter} must be {expected}; it is {found}.",
        "请求的 {parameter} 应为 {expected}，实为 {found}。",
    ),
    "QUERY_MISSING": (
        "The request names no document: it has neither query nor documentId nor a persisted query.",
        "请求未指明文档：既无 query，也无 documentId 或持久化查询。",
    ),
    "BATCH_EMPTY": (
        "The batch has no operation.",
        "批量请求中没有操作。",
    ),
    "BATCH_TOO_LARGE": (
        "The batch has {found} operations; {limit} are allowed.",
        "批量请求含 {found} 个操作，最多允许 {limit} 个。",
    ),
    "STREAM_NOT_ACCEPTED": (
        "This operation answers with a stream, which the request does not accept.",
        "该操作以数据流作答，而请求不接受数据流。",
    ),
    # Time and load
    "DEADLINE_INVALID": (
        "X-Deadline-Ms must be a positive whole number of milliseconds.",
        "X-Deadline-Ms 应为正整数毫秒。",
    ),
    "REQUEST_TIMEOUT": (
        "The request's body did not arrive within {limit} ms.",
        "请求正文未在 {limit} 毫秒内到达。",
    ),
    "DEADLINE_EXCEEDED": (
        "There was no answer within {limit} ms.",
        "未能在 {limit} 毫秒内作答。",
    ),
    "OVERLOADED": (
        "{limit} requests are already being answered.",
        "正在处理的请求已达 {limit} 个。",
    ),
    # Documents
    "PERSISTED_QUERY_NOT_FOUND": (  # clients compare this very message, so it has no other wording
        "PersistedQueryNotFound",
        "PersistedQueryNotFound",
    ),
    "PERSISTED_QUERY_NOT_SUPPORTED": (  # likewise
        "PersistedQueryNotSupported",
        "PersistedQueryNotSupported",
    ),
    "PERSISTED_QUERY_HASH_MISMATCH": (
        "The given sha256Hash is not the SHA-256 of the given query.",
        "所给 sha256Hash 与所给查询的 SHA-256 不符。",
    ),
    "DOCUMENT_UNKNOWN": (
        "No trusted document has the id {document_id}.",
        "没有标识为 {document_id} 的受信文档。",
    ),
    "DOCUMENT_NOT_TRUSTED": (
        "Only trusted documents are accepted here, and this one is not among them.",
        "此处只接受受信文档，该文档不在其中。",
    ),
    "OPERATION_RESOLUTION_FAILURE": (
        "The document has no operation of that name, or several operations of which none was named.",
        "文档中没有该名称的操作，或含多个操作而未指明其一。",
    ),
    # Limits of a document
    "LIMIT_TOKENS": (
        "The document has more than {limit} tokens.",
        "文档的词法单元（token）超过 {limit} 个。",
    ),
    "LIMIT_DEPTH": (
        "The operation is {found} levels deep; {limit} are allowed.",
        "操作嵌套 {found} 层，最多允许 {limit} 层。",
    ),
    "LIMIT_ALIASES": (
        "The operation has {found} aliases; {limit} are allowed.",
        "操作含 {found} 个别名，最多允许 {limit} 个。",
    ),
    "LIMIT_DIRECTIVES": (
        "The operation has {found} directives; {limit} are allowed.",
        "操作含 {found} 个指令，最多允许 {limit} 个。",
    ),
    "LIMIT_ROOT_FIELDS": (
        "The operation asks for {found} root fields; {limit} are allowed.",
        "操作含 {found} 个根字段，最多允许 {limit} 个。",
    ),
    "LIMIT_PAGE_SIZE": (
        "{argument} is {found}; at most {limit} may be asked for at once.",
        "{argument} 为 {found}，一次最多可取 {limit} 条。",
    ),
    # Who is asking
    "UNAUTHENTICATED": (
        "No token was sent that can be accepted here.",
        "未提供此处可接受的令牌。",
    ),
    "TOKEN_EXPIRED": (
        "The token has expired.",
        "令牌已过期。",
    ),
    "TOKEN_NOT_YET_VALID": (
        "The token is not valid yet.",
        "令牌尚未生效。",
    ),
    "TOKEN_FOREIGN": (
        "The token was not issued for this service: its {claim} is another one.",
        "令牌不是为本服务签发的：其 {claim} 不符。",
    ),
    "TOKEN_CLAIM_INVALID": (
        "The token's claim {claim} is missing or has no usable value.",
        "令牌的声明 {claim} 缺失或其值不可用。",
    ),
    "KEYS_UNAVAILABLE": (
        "The keys that prove tokens cannot be had at the moment.",
        "暂时无法取得验证令牌的密钥。",
    ),
    "FORBIDDEN": (
        "This caller may not do or see this.",
        "调用者无权执行或查看此内容。",
    ),
    # Ours
    "INTERNAL_ERROR": (
        "Something went wrong on our side. Reference: {correlationId}.",
        "我方发生错误。参考编号：{correlationId}。",
    ),
}

HINTS: Final[Wordings] = {
    "METHOD_NOT_ALLOWED": (
        "Use one of: {allow}.",
        "请改用：{allow}。",
    ),
    "QUERY_ONLY_ON_GET": (
        "Send it by POST.",
        "请改用 POST。",
    ),
    "MEDIA_TYPE_UNSUPPORTED": (
        "Send JSON with Content-Type: application/json.",
        "请以 Content-Type: application/json 发送 JSON。",
    ),
    "CHARSET_UNSUPPORTED": (
        "Encode the body as utf-8.",
        "请将正文编码为 utf-8。",
    ),
    "CONTENT_ENCODING_UNSUPPORTED": (
        "Send the body as it is, without Content-Encoding.",
        "请发送未压缩的正文，不带 Content-Encoding。",
    ),
    "NOT_ACCEPTABLE": (
        "Accept application/graphql-response+json or application/json.",
        "请接受 application/graphql-response+json 或 application/json。",
    ),
    "CSRF_REFUSED": (
        "Send Content-Type: application/json, or the header GraphQL-Require-Preflight: 1.",
        "请使用 Content-Type: application/json，或加上 GraphQL-Require-Preflight: 1 头。",
    ),
    "BODY_MISSING": (
        'Send a JSON object such as {{"query": "{{ __typename }}"}}.',
        '请发送 JSON 对象，例如 {{"query": "{{ __typename }}"}}。',
    ),
    "BODY_TOO_LARGE": (
        "Send fewer operations or shorter lists at a time.",
        "请减少每次发送的操作或列表长度。",
    ),
    "JSON_TOO_DEEP": (
        "Flatten the variables.",
        "请减少变量的嵌套。",
    ),
    "QUERY_MISSING": (
        'Name one: {{"query": "{{ __typename }}"}}.',
        '请指明一个：{{"query": "{{ __typename }}"}}。',
    ),
    "BATCH_EMPTY": (
        "Send at least one operation.",
        "请至少发送一个操作。",
    ),
    "BATCH_TOO_LARGE": (
        "Send them in several requests.",
        "请分多次请求发送。",
    ),
    "STREAM_NOT_ACCEPTED": (
        "Accept text/event-stream or multipart/mixed, or use a WebSocket (graphql-transport-ws).",
        "请接受 text/event-stream 或 multipart/mixed，或改用 WebSocket（graphql-transport-ws）。",
    ),
    "DEADLINE_INVALID": (
        "For example: X-Deadline-Ms: 2000.",
        "例如：X-Deadline-Ms: 2000。",
    ),
    "REQUEST_TIMEOUT": (
        "Send it again.",
        "请重新发送。",
    ),
    "DEADLINE_EXCEEDED": (
        "Ask for less at a time, or try again later.",
        "请减少一次请求的内容，或稍后再试。",
    ),
    "OVERLOADED": (
        "Try again in a moment.",
        "请稍后再试。",
    ),
    "PERSISTED_QUERY_NOT_FOUND": (
        "Send the query together with its sha256Hash once.",
        "请将查询连同 sha256Hash 一并发送一次。",
    ),
    "PERSISTED_QUERY_NOT_SUPPORTED": (
        "Send the whole query.",
        "请发送完整的查询。",
    ),
    "PERSISTED_QUERY_HASH_MISMATCH": (
        "Hash the UTF-8 text of the query exactly as it is sent.",
        "请对所发查询的 UTF-8 文本原样计算哈希。",
    ),
    "DOCUMENT_UNKNOWN": (
        "Ask the operator to register the document, or check the id.",
        "请核对标识，或请运维人员登记该文档。",
    ),
    "DOCUMENT_NOT_TRUSTED": (
        "Send the documentId of a registered document.",
        "请发送已登记文档的 documentId。",
    ),
    "OPERATION_RESOLUTION_FAILURE": (
        "Send operationName with the name of one of its operations.",
        "请以 operationName 指明其中一个操作。",
    ),
    "BAD_USER_INPUT": (
        "Compare the variables with the types that the operation declares.",
        "请对照操作所声明的类型检查变量。",
    ),
    "GRAPHQL_PARSE_FAILED": (
        "Correct the document at the location given.",
        "请更正所示位置的语法。",
    ),
    "GRAPHQL_VALIDATION_FAILED": (
        "Compare the document with the schema (introspection is open).",
        "请对照模式（可用内省查询）检查文档。",
    ),
    "LIMIT_TOKENS": (
        "Split the document into several.",
        "请将文档拆分为多个。",
    ),
    "LIMIT_DEPTH": (
        "Ask for the inner objects by their ids in a second operation.",
        "请在第二个操作中按标识查询内层对象。",
    ),
    "LIMIT_ALIASES": (
        "Use a field that takes a list, or several operations.",
        "请使用接受列表的字段，或拆分为多个操作。",
    ),
    "LIMIT_DIRECTIVES": (
        "Remove some directives.",
        "请减少指令。",
    ),
    "LIMIT_ROOT_FIELDS": (
        "Split the operation into several.",
        "请将操作拆分为多个。",
    ),
    "LIMIT_PAGE_SIZE": (
        "Ask for fewer, and follow pageInfo's cursors for the rest.",
        "请减少数量，其余用 pageInfo 的游标续取。",
    ),
    "UNAUTHENTICATED": (
        "Send Authorization: Bearer TOKEN, or no Authorization header for public matters.",
        "请发送 Authorization: Bearer 令牌；查询公开内容可不带 Authorization。",
    ),
    "TOKEN_EXPIRED": (
        "Get a new token.",
        "请获取新令牌。",
    ),
    "TOKEN_NOT_YET_VALID": (
        "Check the clock of the issuer, or wait.",
        "请检查签发方的时钟，或稍候再试。",
    ),
    "TOKEN_FOREIGN": (
        "Get a token for this service.",
        "请获取用于本服务的令牌。",
    ),
    "TOKEN_CLAIM_INVALID": (
        "Ask the issuer to correct it.",
        "请签发方更正。",
    ),
    "KEYS_UNAVAILABLE": (
        "Try again in a moment.",
        "请稍后再试。",
    ),
    "FORBIDDEN": (
        "Use a token of a role that may.",
        "请使用具有相应角色的令牌。",
    ),
    "INTERNAL_ERROR": (
        "Tell the operator the reference.",
        "请将参考编号告知运维人员。",
    ),
}

MESSAGES: Final = Messages(WORDINGS, hints=HINTS, texts=GRAPHQL_TEXTS)
