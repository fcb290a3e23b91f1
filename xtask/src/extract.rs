//! `cargo xtask extract`: facts out of botocore's models into `api/`, without any text of theirs. Of a service that is kept whole also what its
//! operations that are not served yet need: to serve one is then a line in the overlay.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use crate::naming::pascal;
use crate::overlay::{self, Service};

/// Keys of a shape and of a member that are facts.
const SHAPE_KEYS: &[&str] = &[
    "type",
    "required",
    "min",
    "max",
    "pattern",
    "enum",
    "sensitive",
    "document",
    "union",
    "payload",
    "exception",
    "fault",
    "error",
    "flattened",
];
const MEMBER_KEYS: &[&str] = &["shape", "location", "locationName", "idempotencyToken", "timestampFormat"];
/// Characters of a header at most that no model names.
const HEADER_MAX: u32 = 4_096;
const METADATA_KEYS: &[&str] = &[
    "apiVersion",
    "endpointPrefix",
    "jsonVersion",
    "protocol",
    "serviceId",
    "signingName",
    "targetPrefix",
    "xmlNamespace",
];

/// Extracts every service of the overlay.
pub(crate) fn run(botocore: &Path, root: &Path) -> anyhow::Result<()> {
    for (name, service) in overlay::read(root)?.into_iter().filter(|(_, service)| !service.own) {
        let model = extract(
            &find(botocore, &name, "service-2.json")?,
            &find(botocore, &name, "paginators-1.json")?,
            &service,
        )?;
        let path = root.join(format!("api/{name}.json"));
        std::fs::write(&path, serde_json::to_string_pretty(&model)? + "\n")?;
    }
    let version = format!("botocore {}\n", version(botocore)?);
    Ok(std::fs::write(root.join("api/VERSION"), version)?)
}

/// The facts of a service's model: as they were extracted, or out of a model of our own, which is kept as clients load it.
pub(crate) fn model(root: &Path, name: &str, service: &Service) -> anyhow::Result<Value> {
    let path = root.join(format!("api/{name}.json"));
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut model: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    if !service.own {
        add_headers(&mut model, service)?;
        return Ok(model);
    }
    let path = root.join(format!("api/{name}-paginators.json"));
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let paginators: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    for (operation, facts) in object(&model, "operations")? {
        let input = facts["input"]["shape"].as_str().unwrap_or_default();
        let takes_token = !model["shapes"][input]["members"]["NextToken"].is_null();
        if takes_token == paginators["pagination"][operation].is_null() {
            bail!("{} and the model do not agree on whether {operation} has pages", path.display());
        }
    }
    extract(&model, &paginators, service)
}

/// Adds to the inputs what calls bring in headers that no model names.
fn add_headers(model: &mut Value, service: &Service) -> anyhow::Result<()> {
    for (operation, headers) in &service.headers {
        let input = model["operations"][operation]["input"].as_str().map(str::to_owned);
        let input = input.with_context(|| format!("{operation} of the overlay's headers has no input"))?;
        for (header, member) in headers {
            let shape = format!("{}Header", pascal(member));
            // Sensitive, since what is no part of the model is there to prove something.
            model["shapes"][&shape] =
                json!({ "type": "string", "min": 1, "max": HEADER_MAX, "sensitive": true });
            model["shapes"][&input]["members"][member] =
                json!({ "shape": shape, "location": "header", "locationName": header });
        }
    }
    Ok(())
}

/// The version that a wheel's own module says.
fn version(botocore: &Path) -> anyhow::Result<String> {
    let places = [botocore.join("__init__.py"), botocore.join("botocore/__init__.py")];
    let text = places.iter().find_map(|path| std::fs::read_to_string(path).ok());
    let text = text.context("no __init__.py: give the folder of an unpacked botocore wheel")?;
    let line = text.lines().find_map(|line| line.strip_prefix("__version__ = "));
    let version = line.context("botocore/__init__.py says no __version__")?;
    Ok(version.trim_matches(['\'', '"']).to_owned())
}

/// Reads the newest version of one of a service's files, plain or gzip-compressed.
fn find(botocore: &Path, service: &str, file: &str) -> anyhow::Result<Value> {
    let folder =
        [botocore.join("data"), botocore.join("botocore/data")].into_iter().find(|path| path.is_dir());
    let folder =
        folder.context("no data folder: give the folder of an unpacked botocore wheel")?.join(service);
    let mut versions: Vec<_> =
        std::fs::read_dir(&folder)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
    versions.sort();
    let newest = versions.pop().with_context(|| format!("{service} has no version"))?;
    let plain = newest.join(file);
    if plain.exists() {
        return Ok(serde_json::from_str(&std::fs::read_to_string(plain)?)?);
    }
    let packed = newest.join(format!("{file}.gz"));
    let output = std::process::Command::new("gzip").args(["-dc"]).arg(&packed).output()?;
    if !output.status.success() {
        bail!("{} cannot be unpacked", packed.display());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn extract(model: &Value, paginators: &Value, service: &Service) -> anyhow::Result<Value> {
    let mut operations = Map::new();
    let mut wanted = BTreeSet::new();
    for (name, operation) in object(model, "operations")? {
        if service.resource_of(name).is_none() && !service.whole {
            continue;
        }
        operations.insert(name.clone(), facts_of(name, operation, paginators));
        for shape in ["input", "output"].iter().filter_map(|key| operation[key]["shape"].as_str()) {
            reach(model, shape, &mut wanted);
        }
        for error in operation["errors"].as_array().into_iter().flatten() {
            wanted.extend(error["shape"].as_str().map(str::to_owned));
        }
    }
    let shapes: Map<String, Value> =
        wanted.iter().map(|name| (name.clone(), shape_facts(&model["shapes"][name]))).collect();
    Ok(json!({
        "metadata": pick(&model["metadata"], METADATA_KEYS),
        "operations": operations,
        "shapes": shapes,
    }))
}

fn facts_of(name: &str, operation: &Value, paginators: &Value) -> Value {
    let mut facts = Map::new();
    facts.insert("http".to_owned(), pick(&operation["http"], &["method", "requestUri"]));
    for key in ["input", "output"] {
        if let Some(shape) = operation[key]["shape"].as_str() {
            facts.insert(key.to_owned(), json!(shape));
        }
    }
    if let Some(wrapper) = operation["output"]["resultWrapper"].as_str() {
        facts.insert("resultWrapper".to_owned(), json!(wrapper));
    }
    let errors: Vec<&str> = operation["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|error| error["shape"].as_str())
        .collect();
    facts.insert("errors".to_owned(), json!(errors));
    if paginators["pagination"].get(name).is_some() {
        facts.insert("paginated".to_owned(), json!(true));
    }
    Value::Object(facts)
}

/// Collects the shapes that `name` leads to.
fn reach(model: &Value, name: &str, wanted: &mut BTreeSet<String>) {
    if !wanted.insert(name.to_owned()) {
        return;
    }
    let shape = &model["shapes"][name];
    let members = shape["members"].as_object().into_iter().flat_map(Map::values);
    for next in members.chain([&shape["member"], &shape["key"], &shape["value"]]) {
        if let Some(next) = next["shape"].as_str() {
            reach(model, next, wanted);
        }
    }
}

fn shape_facts(shape: &Value) -> Value {
    let mut facts = pick(shape, SHAPE_KEYS);
    if let (Some(members), Value::Object(facts)) = (shape["members"].as_object(), &mut facts) {
        let members: Map<String, Value> =
            members.iter().map(|(name, member)| (name.clone(), pick(member, MEMBER_KEYS))).collect();
        facts.insert("members".to_owned(), Value::Object(members));
    }
    for key in ["member", "key", "value"] {
        if let (Some(inner), Value::Object(facts)) = (shape.get(key), &mut facts) {
            facts.insert(key.to_owned(), pick(inner, MEMBER_KEYS));
        }
    }
    facts
}

fn pick(from: &Value, keys: &[&str]) -> Value {
    let picked = keys.iter().filter_map(|key| from.get(key).map(|value| ((*key).to_owned(), value.clone())));
    Value::Object(picked.collect())
}

fn object<'v>(value: &'v Value, key: &str) -> anyhow::Result<&'v Map<String, Value>> {
    value[key].as_object().with_context(|| format!("the model has no {key}"))
}
