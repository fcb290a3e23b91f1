//! Plans an apply: from what is, what should be and what a former file said, the steps between.
//!
//! What the file names is made as the file says; what it does not name is left alone. Only what the former file named and this one no longer does is
//! deleted ([decision 0021](../../../../docs/decisions/0021-what-a-file-owns.md)).

use crate::moving::plan::{Compared, Plan};
use crate::moving::renamed::Renamed;
use crate::moving::{plan_access, plan_organization, plan_people, plan_permission_sets};

/// The steps from what is to what should be: what others refer to comes first, and goes last.
pub(crate) fn plan(compared: Compared<'_>) -> Plan {
    let renamed = Renamed::of(compared);
    let is = renamed.references(compared.is);
    let former = compared.former.map(|former| renamed.whole(former));
    let compared = Compared { is: &is, should: compared.should, former: former.as_ref() };
    let mut plan = Plan::default();
    plan_organization::plan(&mut plan, compared);
    plan_people::plan(&mut plan, compared);
    plan_permission_sets::plan(&mut plan, compared);
    plan_access::plan(&mut plan, compared);
    plan
}
