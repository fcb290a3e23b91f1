//! Directories of the world that operations are called in.

use model::cx::Cx;
use model::sources::directory::DirectoryId;
use model::sources::directory_sync::DirectorySyncId;
use serde_json::json;
use store::tx::Tx;

use crate::world::{STORE, World};

impl World {
    /// Directories that nobody answers for: one with a run that waits, one whose last run was held, and one with nothing to do.
    pub(crate) async fn directories(&mut self) {
        let configuration = json!({
            "Name": "Forest", "Schema": "OPENLDAP", "Servers": ["ldaps://127.0.0.1:1"], "BindDn": "cn=portico,dc=example",
            "UserBases": ["dc=example"],
        });
        for (directory, sync) in [
            ("directory", "directory_sync"),
            ("held_directory", "held_sync"),
            ("idle_directory", "idle_sync"),
        ] {
            let input =
                json!({"IdentityStoreId": STORE, "Configuration": configuration, "BindPassword": "secret"});
            let made = self.made("portico", "CreateDirectory", input).await;
            self.keep(directory, &made["DirectoryId"]);
            let input =
                json!({"IdentityStoreId": STORE, "DirectoryId": self.word(directory), "Kind": "FULL"});
            let made = self.made("portico", "StartDirectorySync", input).await;
            self.keep(sync, &made["DirectorySyncId"]);
        }
        for (directory, sync) in [("held_directory", "held_sync"), ("idle_directory", "idle_sync")] {
            let input = json!({"IdentityStoreId": STORE, "DirectoryId": self.word(directory), "DirectorySyncId": self.word(sync)});
            self.made("portico", "StopDirectorySync", input).await;
        }
        let directory = DirectoryId::trusted(self.word("held_directory"));
        let sync = DirectorySyncId::trusted(self.word("held_sync"));
        let hold =
            move |tx: &mut Tx<'_>, _: &Cx| store::sources::directories::set_held(tx, &directory, Some(&sync));
        self.served.app.store.maintain(&self.cx(), hold).await.unwrap();
    }
}
