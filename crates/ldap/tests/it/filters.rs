//! Filters that administrators write, read strictly into their tree and written back.

use ldap::attribute::AttributeName;
use ldap::filter::{Filter, FilterFlaw};
use proptest::prelude::*;

#[test]
fn a_filter_is_written_as_it_was_read() {
    for text in [
        "(cn=Babs Jensen)",
        "(!(cn=Tim Howes))",
        r"(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))",
        "(o=univ*of*mich*)",
        "(seeAlso=)",
        "(cn:caseExactMatch:=Fred Flintstone)",
        "(cn:=Betty Rubble)",
        "(sn:dn:2.4.6.8.10:=Barney Rubble)",
        "(o:dn:=Ace Industry)",
        "(:1.2.3:=Wilma Flintstone)",
        "(:dn:2.4.6.8.10:=Dino)",
        r"(o=Parens R Us \28for all your parenthetical needs\29)",
        r"(cn=*\2a*)",
        r"(filename=C:\5cMyFile)",
        r"(bin=\00\00\00\04)",
        "(sn=Lu\u{10d}i\u{107})",
        "(userAccountControl:1.2.840.113556.1.4.803:=2)",
        "(uSNChanged>=5)",
        "(a<=b)",
        "(a~=b)",
        "(mail=*)",
    ] {
        let read = Filter::parse(text);
        assert_eq!(read.as_ref().map(ToString::to_string).as_deref(), Ok(text));
        assert_eq!(Filter::parse(&read.unwrap().to_string()).unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    for text in [
        "",
        "cn=a",
        "(cn=a",
        "(cn=a))",
        "(cn=a)(cn=b)",
        " (cn=a)",
        "( cn=a)",
        "(cn =a)",
        "(&)",
        "(|)",
        "(!)",
        "(!(cn=a)(cn=b))",
        "(&cn=a)",
        "(=a)",
        "(cn)",
        "(cn>a)",
        "(cn>=a*)",
        "(cn=a**b)",
        "(cn=a(b)",
        r"(cn=a\)",
        r"(cn=a\2)",
        r"(cn=a\zz)",
        "(cn=a\0)",
        "(c n=a)",
        "(:=a)",
        "(:dn:=a)",
        "(cn;lang-de=a)",
        "(1a=b)",
        "(1.02.3=b)",
    ] {
        assert!(Filter::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_filter_is_held_within_bounds() {
    let deep = format!("{}(a=b){}", "(!".repeat(10_000), ")".repeat(10_000));
    assert_eq!(Filter::parse(&deep), Err(FilterFlaw::Long(8_192)));
    let deep = format!("{}(a=b){}", "(!".repeat(100), ")".repeat(100));
    assert_eq!(Filter::parse(&deep), Err(FilterFlaw::Parts(500)));
    let wide = format!("(|{})", "(a=b)".repeat(600));
    assert_eq!(Filter::parse(&wide), Err(FilterFlaw::Parts(500)));
}

proptest! {
    /// Whatever bytes a value has, its filter is read back as one comparison with those bytes.
    #[test]
    fn a_value_of_any_bytes_stays_a_value(value in prop::collection::vec(any::<u8>(), 0..40)) {
        let filter = Filter::equals(&AttributeName::parse("cn").unwrap(), value);
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn no_text_breaks_the_reader(text in "[()&|!*=<>~:\\\\a-c0-9. \u{e4}]{0,40}") {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }
}
