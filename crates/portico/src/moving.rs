//! Moving between identity centers: `import-aws` and `export` read one through its public API into a seed file, `apply` makes a running one as a
//! seed file says. All three are clients as anybody's would be: they know no store and no rule of the domain.

mod apply;
mod commands;
mod conversions;
mod doing;
mod doing_access;
mod doing_organization;
mod doing_policies;
mod gathered;
mod plan;
mod plan_access;
#[cfg(test)]
mod plan_laws;
mod plan_organization;
mod plan_people;
mod plan_permission_sets;
mod planning;
mod progress;
mod reading;
mod reading_access;
mod reading_all;
mod reading_organization;
mod reading_people;
mod remote;
mod renamed;
mod seed_writer;
mod shapes;
mod shortfalls;
mod step;

pub(crate) use apply::apply;
pub(crate) use commands::{export, import_aws};
