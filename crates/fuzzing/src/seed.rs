//! The seed, as YAML and as JSON documents one after another: whatever is wrong with it is said with its line.

use crate::seed_file::SeedFile;

/// What concerns the YAML as a whole and has no line.
const OF_THE_WHOLE: [&str; 3] =
    ["EOF while parsing a value", "containing more than one document", "repetition limit exceeded"];

pub(crate) fn run(bytes: &[u8]) {
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<SeedFile>() {
        let line = document.map_or_else(|error| error.line(), |_| 1);
        assert!(line > 0, "an error of JSON without a line");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Err(error) = serde_yaml_ng::from_str::<SeedFile>(text) else { return };
    let whole = OF_THE_WHOLE.iter().any(|words| error.to_string().contains(words));
    assert!(error.location().is_some() || whole, "{error}: {text:?}");
}
