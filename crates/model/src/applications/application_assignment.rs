//! An application assignment: this principal may use this application.

use crate::accounts::account_assignment::Principal;
use crate::applications::application::ApplicationArn;

/// An assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApplicationAssignment {
    /// What.
    pub application: ApplicationArn,
    /// Who.
    pub principal: Principal,
}
