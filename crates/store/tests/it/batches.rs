//! Changes that are carried out together.

use crate::{insert, names};
use muster_base::Result;
use muster_store::testing::TestDb;
use muster_store::{Db, Statement, args};

fn insertion(name: impl Into<String>) -> Statement {
    Statement::new("INSERT INTO meta (name, value) VALUES ($1, $2)", args![name.into(), "value"])
}

async fn together(db: &Db, changes: Vec<Statement>) -> Result<()> {
    db.write(move |tx| {
        Box::pin(async move {
            insert(tx, "alone").await?;
            tx.batch(changes).await
        })
    })
    .await
}

#[tokio::test]
async fn all_changes_are_carried_out_with_their_own_values_however_many_there_are() {
    for db in TestDb::both().await {
        let many = (0..20).map(|number| insertion(format!("row {number:02}"))).collect();
        together(&db, many).await.expect("commits");
        let expected: Vec<String> = (0..20).map(|number| format!("row {number:02}")).collect();
        assert_eq!(names(&db).await, [vec!["alone".to_owned()], expected].concat());
    }
}

#[tokio::test]
async fn one_change_that_fails_undoes_the_work() {
    for db in TestDb::both().await {
        let changes = vec![insertion("first"), insertion("twice"), insertion("twice")];
        together(&db, changes).await.expect_err("the names are unique");
        assert!(names(&db).await.is_empty(), "{:?}", db.backend());
    }
}

#[tokio::test]
async fn no_change_at_all_is_none() {
    for db in TestDb::both().await {
        together(&db, vec![]).await.expect("commits");
        assert_eq!(names(&db).await, ["alone"]);
    }
}

/// Who asks what a row will hold is told what was written last.
#[tokio::test]
async fn what_is_remembered_is_told_and_not_written_again() {
    for db in TestDb::both().await {
        let told = db.write(|tx| {
            Box::pin(async move {
                insert(tx, "row").await?;
                tx.remember("row", args!["row", 7]);
                Ok(tx.held("row").map(<[_]>::len))
            })
        });
        assert_eq!(told.await.expect("commits"), Some(2));
        assert_eq!(names(&db).await, ["row"]);
    }
}
