//! The machine that figures come from, and what was measured: without these a figure says nothing.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;

use crate::sign;

/// Writes whose time to reach the disk is measured.
const FLUSHES: usize = 200;

/// A few lines of Markdown.
pub(crate) fn description(root: &Path, folder: &Path) -> anyhow::Result<String> {
    let date = sign::date();
    let day = format!(
        "{}-{}-{}",
        date.get(..4).unwrap_or_default(),
        date.get(4..6).unwrap_or_default(),
        date.get(6..8).unwrap_or_default()
    );
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let online = std::fs::read_to_string("/proc/cpuinfo")?;
    let cores = online.lines().filter(|line| line.starts_with("processor")).count().max(cores);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!(
        "- Machine: {} · {cores} cores · {} of memory · Linux {} · {} · a flushed write of 4 KiB takes {} µs (median)\n\
         - Measured: {day}, commit {}, {}\n",
        value(&online, "model name"),
        value(&std::fs::read_to_string("/proc/meminfo")?, "MemTotal"),
        kernel.trim(),
        file_system(folder)?,
        flush_micros(folder)?,
        said_by(root, "git", &["describe", "--always", "--dirty", "--abbrev=10"])?,
        said_by(root, "rustc", &["--version"])?,
    ))
}

/// The value of the first line `name: value`.
fn value(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_once(':')).map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

/// What a program prints.
pub(crate) fn said_by(root: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .with_context(|| program.to_owned())?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The type of the file system that a folder is on: the mount point that is the longest beginning of its path.
fn file_system(folder: &Path) -> anyhow::Result<String> {
    let folder = folder.canonicalize()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts")?;
    let fields = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let of = fields.filter(|(point, _)| folder.starts_with(point)).max_by_key(|(point, _)| point.len());
    Ok(of.map_or_else(String::new, |(_, kind)| kind.to_owned()))
}

/// How long the disk takes to hold what is appended, the median: the floor under every durable write of one connection.
fn flush_micros(folder: &Path) -> anyhow::Result<u128> {
    let path = folder.join("flush");
    let mut file = File::create(&path)?;
    file.write_all(&vec![1; FLUSHES * 4_096])?;
    file.sync_all()?;
    let mut times = Vec::new();
    for at in 0..FLUSHES {
        let begun = Instant::now();
        file.write_all_at(&[2; 4_096], at as u64 * 4_096)?;
        file.sync_data()?;
        times.push(begun.elapsed().as_micros());
    }
    std::fs::remove_file(path)?;
    times.sort_unstable();
    times.get(FLUSHES / 2).copied().context("no times")
}
