//! Cursors are kept as bytes and read again, or are none.

use ldap::cursor::{Cursor, Point};
use proptest::prelude::*;

fn point() -> impl Strategy<Value = Point> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        bytes().prop_map(|cookie| Point::DirSync { cookie }),
        (bytes(), any::<i64>()).prop_map(|(invocation_id, highest)| Point::Usn { invocation_id, highest }),
        prop::collection::vec(bytes(), 0..4).prop_map(|cookies| Point::SyncRepl { cookies }),
        any::<i64>().prop_map(|seconds| Point::Timestamp { seconds }),
    ]
}

proptest! {
    #[test]
    fn a_cursor_that_was_kept_is_the_same(point in point(), settings: [u8; 32]) {
        let cursor = Cursor { settings, point };
        prop_assert_eq!(Cursor::from_bytes(&cursor.to_bytes()), Some(cursor));
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = Cursor::from_bytes(&bytes);
    }
}

#[test]
fn what_another_version_wrote_is_none() {
    let cursor = Cursor { settings: [1; 32], point: Point::Timestamp { seconds: 5 } };
    let mut bytes = cursor.to_bytes();
    assert_eq!(bytes.get(..5), Some(&[0x30, 42, 2, 1, 1][..]));
    bytes[4] = 2;
    assert_eq!(Cursor::from_bytes(&bytes), None);
    assert_eq!(Cursor::from_bytes(&[]), None);
}
