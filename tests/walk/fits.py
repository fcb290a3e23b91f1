"""Whether an answer is what the model says that it is: its output, or one of its errors."""
import datetime
import json

import model

#: Errors that any operation may give beside the modelled ones (AWS's page "Common errors", and what its JSON front ends add).
COMMON = {
    "json": {"SerializationException", "UnknownOperationException", "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException",
             "MissingAuthenticationTokenException", "ExpiredTokenException", "AccessDeniedException", "ThrottlingException", "ServiceUnavailableException",
             "ValidationException"},
    "rest-json": {"UnknownOperationException"},
    "query": {"ValidationError", "AccessDenied", "Throttling", "InvalidClientTokenId", "SignatureDoesNotMatch", "IncompleteSignature", "MissingAuthenticationToken",
              "ExpiredToken", "InvalidAction", "ServiceFailure"},
}
TYPES = {"string": str, "character": str, "blob": bytes, "integer": int, "long": int, "float": (int, float), "double": (int, float), "boolean": bool,
         "timestamp": datetime.datetime, "list": list, "map": dict, "structure": dict}
#: Long before the first line of this code, and far beyond any time that it writes.
# The oldest AWS managed policy is of 2015; anything else was made by the walk itself.
EARLIEST = datetime.datetime(2015, 1, 1, tzinfo=datetime.timezone.utc)
LATEST = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)


def output(service, operation, answer):
    """What is wrong with a success."""
    wrong = headers(service, answer)
    if answer.status != operation.http.get("responseCode", 200):
        wrong.append(f"status {answer.status}")
    if operation.output_shape is None:
        return wrong
    parsed = {name: value for name, value in answer.parsed.items() if name != "ResponseMetadata"}
    wrong += value(parsed, operation.output_shape, "")
    if service.metadata["protocol"] != "query":
        payload = operation.output_shape.serialization.get("payload")
        body = operation.output_shape.members[payload] if payload else operation.output_shape
        wrong += unknown(json.loads(answer.body or b"{}"), body, payload or "")
    return wrong


def headers(service, answer):
    """Every answer names its request."""
    wrong = []
    request_id = answer.headers.get("x-amzn-requestid")
    if not request_id:
        wrong.append("no x-amzn-requestid")
    if service.metadata["protocol"] == "query" and answer.parsed["ResponseMetadata"].get("RequestId") != request_id:
        wrong.append("RequestId of the body is not that of the header")
    wanted = {"json": "application/x-amz-json-1.1", "rest-json": "application/json", "query": "text/xml"}[service.metadata["protocol"]]
    if answer.headers.get("content-type", "").partition(";")[0] != wanted:
        wrong.append(f"content-type {answer.headers.get('content-type')}")
    return wrong


def error(service, operation, answer):
    """What is wrong with a refusal, whatever it refuses."""
    wrong = headers(service, answer)
    protocol = service.metadata["protocol"]
    if answer.status >= 500 or answer.status < 400:
        wrong.append(f"status {answer.status}")
    shapes = {shape.error_code: shape for shape in operation.error_shapes} if operation else {}
    if answer.code not in shapes and answer.code not in COMMON[protocol]:
        wrong.append(f"{answer.code} is neither an error of the operation nor a common one")
    if not answer.message:
        wrong.append("no message")
    if answer.headers.get("x-amzn-errortype") != answer.code:
        wrong.append(f"x-amzn-errortype {answer.headers.get('x-amzn-errortype')} beside {answer.code}")
    shape = shapes.get(answer.code)
    if shape is None:
        return wrong
    # JSON 1.1 binds no status to its errors: AWS sends 400 for the caller's.
    bound = shape.metadata.get("error", {}).get("httpStatusCode") if protocol != "json" else 400
    if answer.status != (bound or 400):
        wrong.append(f"status {answer.status}, not {bound or 400}")
    members = {name: item for name, item in answer.parsed.items() if name in shape.members}
    return wrong + value(members, shape, "")


def value(given, shape, path):
    """What a parsed value has that its shape does not allow."""
    if model.is_document(shape):
        return []
    kind = shape.type_name
    if not isinstance(given, TYPES[kind]) or isinstance(given, bool) != (kind == "boolean"):
        return [f"{path} is {type(given).__name__}, not {kind}"]
    if kind == "structure":
        missing = [f"{model.join(path, name)} is missing" for name in shape.required_members if given.get(name) is None]
        inner = [value(item, shape.members[name], model.join(path, name)) for name, item in given.items() if item is not None and name in shape.members]
        return sum(inner, missing)
    if kind == "list":
        return sum([value(item, shape.member, f"{path}[]") for item in given], _size(len(given), shape, path))
    if kind == "map":
        keys = [value(key, shape.key, f"{path}.key") for key in given]
        return sum([*keys, *(value(item, shape.value, f"{path}.value") for item in given.values())], _size(len(given), shape, path))
    if kind == "timestamp":
        return [] if EARLIEST < given < LATEST else [f"{path} is {given}"]
    if kind == "string":
        wrong = _size(len(given), shape, path)
        if shape.enum and given not in shape.enum:
            wrong.append(f"{path} is {given!r}, none of {shape.enum}")
        return wrong if model.matches(shape, given) else [*wrong, f"{path} is {given!r}, which breaks {shape.metadata['pattern']}"]
    return _size(given, shape, path) if kind in ("integer", "long") else []


def _size(measure, shape, path):
    low, high = model.bounds(shape)
    if low is not None and measure < low or high is not None and measure > high:
        return [f"{path} has size {measure}, not {low} to {high}"]
    return []


def unknown(given, shape, path):
    """Members of the raw JSON that the shape does not know: a parser drops them in silence."""
    if model.is_document(shape) or given is None:
        return []
    if shape.type_name == "structure":
        names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        strange = [f"{model.join(path, name)} is not in the model" for name in given if name not in names]
        return sum([unknown(item, names[name], model.join(path, name)) for name, item in given.items() if name in names], strange)
    if shape.type_name == "list":
        return sum([unknown(item, shape.member, f"{path}[]") for item in given], [])
    return []
