//! `cargo xtask tidy`: the rules of the house that no compiler knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::attack::register;
use crate::{claims, fences};

/// Lines of a file at most; generated files are exempt.
const FILE_LINES_MAX: usize = 500;
/// Lines of a function at most.
const FUNCTION_LINES_MAX: usize = 70;

/// The domains: a crate of floor 4 each. Their words and rows stand in a folder of that name in `model` and `store`.
const DOMAINS: &[&str] =
    &["directory", "signin", "accounts", "applications", "sources", "instances", "audit"];
/// Rows that belong to no domain: what every domain has done for it, and the schema itself.
const OF_NO_DOMAIN: &[&str] = &["figures.rs", "jobs.rs", "migrate.rs"];

/// The floors. A crate may import only crates of lower floors.
const FLOORS: &[&[&str]] = &[
    &["jsontext"],
    &["model", "wire", "sigv4", "saml", "jose", "scim", "ldap"],
    &["store", "policy", "broker", "mail", "outbound"],
    DOMAINS,
    &["edge-aws", "edge-scim", "edge-ldap", "edge-portal"],
    &["edge-console"],
    &["portico"],
];
/// Which crates the lower floors may import, besides what their floor allows: floor 3 knows only `model`, and `ldap` by which `outbound` asks; the domain
/// knows no bytes of a protocol, so of the kits only `saml` and `jose`, where messages are made and judged, and the values of `ldap`; who else is asked,
/// it asks by `outbound`.
const ALLOWED: [&[&str]; 4] = [
    &[],
    &["jsontext"],
    &["model", "ldap"],
    &["model", "saml", "jose", "ldap", "store", "policy", "broker", "outbound"],
];

/// Checks everything and lists every breach.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    let mut breaches = Vec::new();
    for crate_dir in sorted(&root.join("crates"))? {
        check_arrows(&crate_dir, &mut breaches)?;
        let files = rust_files(&crate_dir)?;
        for file in &files {
            check_file(root, file, &mut breaches)?;
        }
        check_circles(&crate_dir, &files, &mut breaches)?;
        check_rooms(&crate_dir, &files, &mut breaches)?;
    }
    for folder in ["xtask", "tests", "fuzz"] {
        for file in rust_files(&root.join(folder))? {
            check_file(root, &file, &mut breaches)?;
        }
    }
    claims::check(root, &mut breaches)?;
    register::check(root, &mut breaches)?;
    fences::check(root, &mut breaches)?;
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("{}\n{} rules of the house are broken", breaches.join("\n"), breaches.len())
}

fn sorted(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    Ok(paths)
}

/// Every Rust file below a folder, but for what is generated or built.
pub(crate) fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in sorted(folder)? {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "generated" && name != "target") {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

fn check_arrows(crate_dir: &Path, breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let manifest = std::fs::read_to_string(crate_dir.join("Cargo.toml"))?;
    let name = crate_dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(own) = floor(name) else {
        if !["testkit", "fuzzing"].contains(&name) {
            breaches.push(format!(
                "crate {name} stands on no floor: add it to xtask/src/tidy.rs and ARCHITECTURE.md"
            ));
        }
        return Ok(());
    };
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let dependencies = dependencies.split("\n[").next().unwrap_or_default();
    for line in dependencies.lines() {
        let imported = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if ["testkit", "fuzzing"].contains(&imported) {
            breaches.push(format!("{name} imports {imported} outside its tests"));
        }
        let Some(other) = floor(imported) else { continue };
        if other >= own {
            breaches.push(format!("{name} (floor {}) imports {imported} (floor {})", own + 1, other + 1));
        }
        if ALLOWED.get(own).is_some_and(|allowed| other < own && !allowed.contains(&imported)) {
            breaches
                .push(format!("{name} (floor {}) imports {imported}, which serves other floors", own + 1));
        }
    }
    Ok(())
}

fn check_file(root: &Path, file: &Path, breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file)?;
    let shown = file.strip_prefix(root).unwrap_or(file).display().to_string();
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        breaches.push(format!("{shown}: {lines} lines, {FILE_LINES_MAX} at most"));
    }
    if !text.starts_with("//!") {
        breaches.push(format!("{shown}: does not open with a //! paragraph"));
    }
    let syntax = syn::parse_file(&text).with_context(|| shown.clone())?;
    let file_name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    for item in &syntax.items {
        if matches!(file_name, "lib.rs" | "mod.rs")
            && !matches!(item, syn::Item::Mod(_) | syn::Item::Use(_) | syn::Item::Macro(_))
        {
            breaches.push(format!("{shown}: holds more than module lines, docs and re-exports"));
        }
        if matches!(item, syn::Item::Use(import) if takes_all_of_parent(&import.tree)) {
            breaches.push(format!("{shown}: `use super::*`: import from the module that defines"));
        }
        functions_of(item, &mut |name, lines| {
            if lines > FUNCTION_LINES_MAX {
                breaches.push(format!("{shown}: fn {name} has {lines} lines, {FUNCTION_LINES_MAX} at most"));
            }
        });
    }
    Ok(())
}

/// Calls `with` for each function of an item with the lines that it spans.
fn functions_of(item: &syn::Item, with: &mut impl FnMut(String, usize)) {
    let span = |block: &syn::Block| {
        let (open, close) =
            (block.brace_token.span.open().start().line, block.brace_token.span.close().end().line);
        close.saturating_sub(open) + 1
    };
    match item {
        syn::Item::Fn(function) => with(function.sig.ident.to_string(), span(&function.block)),
        syn::Item::Impl(implementation) => {
            for inner in &implementation.items {
                if let syn::ImplItem::Fn(function) = inner {
                    with(function.sig.ident.to_string(), span(&function.block));
                }
            }
        }
        syn::Item::Mod(module) => {
            for inner in module.content.iter().flat_map(|(_, items)| items) {
                functions_of(inner, with);
            }
        }
        _ => {}
    }
}

/// In `store` and `model` a room is found by its domain: folders are named as domains (`store` has one more, its engines), and an aggregate's
/// statements stand in the folder of its domain.
fn check_rooms(crate_dir: &Path, files: &[PathBuf], breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let name = crate_dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !matches!(name, "store" | "model") {
        return Ok(());
    }
    let source = crate_dir.join("src");
    for folder in sorted(&source)?.iter().filter(|path| path.is_dir()) {
        let folder = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !DOMAINS.contains(&folder) && (name, folder) != ("store", "engine") {
            breaches.push(format!("crates/{name}/src/{folder}: no domain has this name"));
        }
    }
    for file in files.iter().filter(|file| file.parent() == Some(&source)) {
        let file_name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let has_rows = std::fs::read_to_string(file)?.contains("\nstatements! {");
        if has_rows && !OF_NO_DOMAIN.contains(&file_name) {
            breaches
                .push(format!("crates/{name}/src/{file_name}: its rows belong into the folder of a domain"));
        }
    }
    Ok(())
}

/// No circle between the files of a crate: `use crate::a::…` from b and `use crate::b::…` from a.
fn check_circles(crate_dir: &Path, files: &[PathBuf], breaches: &mut Vec<String>) -> anyhow::Result<()> {
    let source = crate_dir.join("src");
    let mut arrows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.starts_with(&source)) {
        let module = module_of(&source, file);
        let syntax = syn::parse_file(&std::fs::read_to_string(file)?)?;
        let targets = arrows.entry(module).or_default();
        for item in &syntax.items {
            if let syn::Item::Use(import) = item
                && let syn::UseTree::Path(path) = &import.tree
                && path.ident == "crate"
            {
                paths_of(&path.tree, "", targets);
            }
        }
    }
    let modules: Vec<String> = arrows.keys().cloned().collect();
    let resolved: BTreeMap<&str, Vec<&str>> = arrows
        .iter()
        .map(|(module, targets)| {
            let found = targets.iter().filter_map(|target| {
                modules
                    .iter()
                    .filter(|name| {
                        !name.is_empty() && (target == *name || target.starts_with(&format!("{name}::")))
                    })
                    .max_by_key(|name| name.len())
            });
            (module.as_str(), found.map(String::as_str).filter(|found| found != module).collect())
        })
        .collect();
    for start in resolved.keys() {
        if reaches(&resolved, start, start, &mut Vec::new()) {
            breaches.push(format!("{}: {start} imports itself in a circle", crate_dir.display()));
        }
    }
    Ok(())
}

/// The paths that a use tree names, below `prefix`.
fn paths_of(tree: &syn::UseTree, prefix: &str, found: &mut Vec<String>) {
    let below =
        |name: &syn::Ident| if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") };
    match tree {
        syn::UseTree::Path(path) => paths_of(&path.tree, &below(&path.ident), found),
        syn::UseTree::Name(name) => found.push(below(&name.ident)),
        syn::UseTree::Rename(rename) => found.push(below(&rename.ident)),
        syn::UseTree::Glob(_) => found.push(prefix.to_owned()),
        syn::UseTree::Group(group) => group.items.iter().for_each(|inner| paths_of(inner, prefix, found)),
    }
}

/// Whether a use tree takes everything of the parent module: that ties files into one knot.
fn takes_all_of_parent(tree: &syn::UseTree) -> bool {
    matches!(tree, syn::UseTree::Path(path) if path.ident == "super" && matches!(*path.tree, syn::UseTree::Glob(_)))
}

fn reaches<'a>(
    arrows: &BTreeMap<&'a str, Vec<&'a str>>,
    from: &str,
    goal: &str,
    seen: &mut Vec<&'a str>,
) -> bool {
    for next in arrows.get(from).into_iter().flatten() {
        if *next == goal {
            return true;
        }
        if !seen.contains(next) {
            seen.push(next);
            if reaches(arrows, next, goal, seen) {
                return true;
            }
        }
    }
    false
}

fn module_of(source: &Path, file: &Path) -> String {
    let path = file.strip_prefix(source).unwrap_or(file).with_extension("");
    let parts: Vec<&str> = path
        .iter()
        .filter_map(|part| part.to_str())
        .filter(|part| !matches!(*part, "mod" | "lib" | "main"))
        .collect();
    parts.join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let import: syn::ItemUse = syn::parse_str(text).unwrap();
        let mut found = Vec::new();
        paths_of(&import.tree, "", &mut found);
        found
    }

    #[test]
    fn grouped_imports_are_seen() {
        let found = paths("use crate::{a::{self, b::C}, d as e, f::*};");
        assert_eq!(found, ["crate::a::self", "crate::a::b::C", "crate::d", "crate::f"]);
    }

    #[test]
    fn circles_are_seen_and_trees_are_not() {
        let circle = BTreeMap::from([("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["a"])]);
        assert!(reaches(&circle, "a", "a", &mut Vec::new()));
        let tree = BTreeMap::from([("a", vec!["b", "c"]), ("b", vec!["c"])]);
        assert!(!reaches(&tree, "a", "a", &mut Vec::new()));
    }

    #[test]
    fn taking_all_of_the_parent_is_seen() {
        let takes = |text: &str| takes_all_of_parent(&syn::parse_str::<syn::ItemUse>(text).unwrap().tree);
        assert!(takes("use super::*;"));
        assert!(!takes("use super::a;"));
    }
}
