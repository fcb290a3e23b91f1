//! A plan: the steps from what is to what should be, and what no step can do. Pure: nothing is asked and nothing done here.

use model::instances::tag::Tags;

use crate::moving::step::{Step, Tagged};
use crate::seed_file::SeedFile;

/// What to do, and why it cannot be done.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// What the file says and no call can make so. Nothing is done while there is any.
    pub(crate) refusals: Vec<String>,
}

/// What there is to compare.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared<'a> {
    pub(crate) is: &'a SeedFile,
    pub(crate) should: &'a SeedFile,
    pub(crate) former: Option<&'a SeedFile>,
}

/// Whether what is there is what a former file named: of its id, where the file gives one. Another may have come by the name since.
pub(crate) fn is_same(former: Option<&String>, there: Option<&String>) -> bool {
    former.is_none() || former == there
}

impl Plan {
    pub(crate) fn refuse(&mut self, why: impl Into<String>) {
        self.refusals.push(why.into());
    }

    /// Sets the tags that are wanted and not there. Others stay: somebody else may have set them.
    pub(crate) fn tag(&mut self, what: Tagged, is: Option<&Tags>, wanted: &Tags) {
        let is_there = |key: &String, value: &String| is.and_then(|is| is.get(key)) == Some(value);
        let missing: Tags = wanted
            .iter()
            .filter(|(key, value)| !is_there(key, value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !missing.is_empty() {
            self.steps.push(Step::Tag(what, missing));
        }
    }
}
