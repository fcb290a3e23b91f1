//! Who reaches what as nodes in columns, people, groups, permission sets and accounts, and lines between them. Bounded: of each column only the nodes
//! that the most rows name, and one that stands for all the others. Knows nothing of where they are drawn.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::reached::Access;
use crate::thing::{Kind, Thing};

/// Nodes of a column, but the one that stands for the others.
const NODES_MAX: usize = 11;
/// The columns from left to right.
pub(crate) const COLUMNS: [Kind; 4] = [Kind::User, Kind::Group, Kind::Set, Kind::Account];

/// A node by its column and its row there.
pub(crate) type Place = (usize, usize);

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) kind: Kind,
    pub(crate) nodes: Vec<Thing>,
    /// How many others the last node, behind these, stands for.
    pub(crate) more: usize,
}

/// The graph.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Those that have a node.
    pub(crate) columns: Vec<Column>,
    pub(crate) edges: BTreeSet<(Place, Place)>,
    /// What it is about.
    pub(crate) of: Thing,
    /// How many rows it is drawn from, and whether there are more.
    pub(crate) rows: usize,
    pub(crate) has_more: bool,
}

/// The paths of a row: a person, the group if it is by one, a permission set, an account.
fn paths(row: &Access) -> Vec<Vec<Thing>> {
    let path = |group: Option<Thing>| {
        let mut path = vec![row.who()];
        path.extend(group);
        path.extend([row.what(), row.place()]);
        path
    };
    let mut paths: Vec<Vec<Thing>> = row.groups().map(|group| path(Some(group))).collect();
    if row.is_direct() {
        paths.push(path(None));
    }
    paths
}

impl Graph {
    /// From these rows about a thing. A group's rows are drawn by what that group grants alone.
    pub(crate) fn of(of: &Thing, rows: &[Access], has_more: bool) -> Self {
        let mut paths: Vec<Vec<Thing>> = rows.iter().flat_map(paths).collect();
        if of.kind == Kind::Group {
            paths.retain(|path| path.contains(of));
        }
        let mut weights: BTreeMap<Thing, usize> = BTreeMap::new();
        for thing in paths.iter().flatten() {
            *weights.entry(thing.clone()).or_default() += 1;
        }
        let mut places: HashMap<Thing, Place> = HashMap::new();
        let mut columns: Vec<Column> = Vec::new();
        for kind in COLUMNS {
            let before = |thing: &Thing| mean_of_neighbours(&paths, &places, thing);
            let column = column(kind, &weights, before);
            if column.nodes.is_empty() {
                continue;
            }
            let at = columns.len();
            let shown = column.nodes.iter().enumerate();
            let shown: Vec<(Thing, Place)> = shown.map(|(row, thing)| (thing.clone(), (at, row))).collect();
            let last = (at, column.nodes.len());
            let all = weights.keys().filter(|thing| thing.kind == kind);
            places.extend(all.map(|thing| (thing.clone(), last)));
            places.extend(shown);
            columns.push(column);
        }
        let mut edges = BTreeSet::new();
        for pair in paths.iter().flat_map(|path| path.windows(2)) {
            if let [from, to] = pair
                && let (Some(from), Some(to)) = (places.get(from), places.get(to))
            {
                edges.insert((*from, *to));
            }
        }
        Self { columns, edges, of: of.clone(), rows: rows.len(), has_more }
    }

    /// Everything that has a node of its own.
    pub(crate) fn things(&self) -> impl Iterator<Item = Thing> {
        self.columns.iter().flat_map(|column| column.nodes.iter().cloned())
    }
}

/// How far down what leads to a thing stands, so that lines cross less: in thousandths of a row.
fn mean_of_neighbours(paths: &[Vec<Thing>], places: &HashMap<Thing, Place>, thing: &Thing) -> usize {
    let leading = paths.iter().flat_map(|path| path.windows(2)).filter_map(|pair| match pair {
        [from, to] if to == thing => places.get(from).map(|(_, row)| *row),
        _ => None,
    });
    let (sum, count) = leading.fold((0, 0), |(sum, count), row| (sum + row, count + 1));
    (sum * 1_000).checked_div(count).unwrap_or_default()
}

/// The nodes of a kind: those with most rows, in the order of what leads to them.
fn column(kind: Kind, weights: &BTreeMap<Thing, usize>, before: impl Fn(&Thing) -> usize) -> Column {
    let mut all: Vec<(&Thing, usize)> = weights
        .iter()
        .filter(|(thing, _)| thing.kind == kind)
        .map(|(thing, weight)| (thing, *weight))
        .collect();
    all.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let more = all.len().saturating_sub(NODES_MAX);
    all.truncate(NODES_MAX);
    let mut nodes: Vec<(usize, Thing)> =
        all.into_iter().map(|(thing, _)| (before(thing), thing.clone())).collect();
    nodes.sort();
    Column { kind, nodes: nodes.into_iter().map(|(_, thing)| thing).collect(), more }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(user: usize, account: usize, by: &[&str]) -> Access {
        let by: Vec<_> = by
            .iter()
            .map(|id| json!({"PrincipalType": if *id == "me" { "USER" } else { "GROUP" }, "PrincipalId": id}))
            .collect();
        let row = json!({
            "UserId": format!("user-{user:03}"), "AccountId": format!("{account:012}"),
            "PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1", "GrantedBy": by,
        });
        serde_json::from_value(row).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_path_by_a_group_and_a_direct_one_are_two() {
        let of = Thing::new(Kind::User, "user-001");
        let graph = Graph::of(&of, &[row(1, 1, &["me", "team"])], false);
        let kinds: Vec<Kind> = graph.columns.iter().map(|column| column.kind).collect();
        assert_eq!(kinds, COLUMNS);
        let edges = [((0, 0), (1, 0)), ((0, 0), (2, 0)), ((1, 0), (2, 0)), ((2, 0), (3, 0))];
        assert_eq!(graph.edges, BTreeSet::from(edges));
        let direct = Graph::of(&of, &[row(1, 1, &["me"])], false);
        assert_eq!(direct.columns.len(), 3, "nobody is in between");
    }

    #[test]
    fn a_column_is_bounded_and_counts_the_others() {
        let of = Thing::new(Kind::Account, "000000000001");
        let rows: Vec<Access> = (0..251).map(|user| row(user, 1, &["team"])).collect();
        let graph = Graph::of(&of, &rows, true);
        assert_eq!((graph.columns[0].nodes.len(), graph.columns[0].more), (NODES_MAX, 251 - NODES_MAX));
        assert!(graph.edges.contains(&((0, NODES_MAX), (1, 0))), "the others have a line");
        assert_eq!(graph.edges.len(), NODES_MAX + 1 + 2);
    }

    #[test]
    fn a_group_is_drawn_by_what_it_grants() {
        let of = Thing::new(Kind::Group, "team");
        let graph = Graph::of(&of, &[row(1, 1, &["me", "team", "other"])], false);
        assert_eq!(graph.columns[1].nodes, [of]);
        assert_eq!(graph.edges.len(), 3);
    }
}
