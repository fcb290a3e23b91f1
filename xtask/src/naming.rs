//! Names in Rust from names in a model.

/// `CreateUser` → `create_user`; `SAMLAssertion` → `saml_assertion`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        if starts {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// A field's name: snake case, keywords escaped.
pub(crate) fn field(name: &str) -> String {
    let name = snake(name);
    if matches!(name.as_str(), "type" | "use" | "ref" | "match" | "self") {
        format!("r#{name}")
    } else {
        name
    }
}

/// `accountType` → `AccountType`.
pub(crate) fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `CreateUserRequest` → `CREATE_USER_REQUEST`.
pub(crate) fn shout(name: &str) -> String {
    snake(name).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_turn() {
        assert_eq!(snake("CreateUser"), "create_user");
        assert_eq!(snake("SAMLAssertion"), "saml_assertion");
        assert_eq!(snake("AssumeRoleWithSAML"), "assume_role_with_saml");
        assert_eq!(snake("policyArnsListType"), "policy_arns_list_type");
        assert_eq!(pascal("arnType"), "ArnType");
    }
}
