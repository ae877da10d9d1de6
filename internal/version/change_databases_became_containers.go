package version

import (
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

var databasesBecameContainers = Change{
	Since: V20250903,
	Sentence: "A database is a container of data sources, which have the properties and the rows; before, a database was its " +
		"only data source, and the data source of a database that has several cannot be reached.",
	Amend: func(set *schema.Set) {
		set.Object("create_database").Remove("initial_data_source").
			AddBefore("icon", schema.Req("properties", schema.Ref("property_schemas")))
		set.Object("update_database").Replace("properties", schema.Ref("property_schema_updates"))
		for _, config := range set.Having("property_config.relation", "data_source_id") {
			config.Remove("data_source_id").Add(schema.Opt("data_source_id", schema.UUID()))
		}
	},
	Up: func(r *Request) error {
		switch r.Operation {
		case "create_database":
			properties := r.Body.Delete("properties")
			r.Body.Set("initial_data_source", jsonx.ObjectValue(jsonx.M("properties", properties)))
			return relateSources(r, properties)
		case "update_database":
			properties := r.Body.Delete("properties")
			r.Body.Set("as_source", jsonx.ObjectValue(jsonx.M("properties", properties)))
			return relateSources(r, properties)
		case "create_page":
			return parentSource(r)
		}
		return nil
	},
	Down: func(r *Response) error {
		mergeSources(r)
		objects(r.Body, "page", parentDatabase)
		objects(r.Body, "block", parentDatabase)
		return mergeDatabases(r)
	},
}

// relateSources lets relations lead to the data source of the database they name.
func relateSources(r *Request, properties jsonx.Value) error {
	for _, m := range properties.Members() {
		config := m.Value.Get("relation")
		if config.Kind() != jsonx.Object || config.Has("data_source_id") {
			continue
		}
		database, ok := notion.ParseID(config.Get("database_id").Text())
		if !ok {
			return apierr.Errorf(apierr.ValidationError,
				"body failed validation: body.properties.%s.relation.database_id should be defined, instead was `undefined`.", m.Key)
		}
		source, err := r.Lookup.OnlySource(r.Context, database)
		if err != nil {
			return err
		}
		config.Set("data_source_id", jsonx.StringValue(source.String()))
	}
	return nil
}

// parentSource gives a new row the data source of its database as the parent.
func parentSource(r *Request) error {
	parent := r.Body.Get("parent")
	database, ok := notion.ParseID(parent.Get("database_id").Text())
	if !ok {
		return nil
	}
	source, err := r.Lookup.OnlySource(r.Context, database)
	if err != nil {
		return err
	}
	r.Body.Set("parent", jsonx.ObjectValue(jsonx.M("data_source_id", jsonx.StringValue(source.String()))))
	return nil
}

// parentDatabase makes the database the parent of a row.
func parentDatabase(o jsonx.Value) {
	if parent := o.Get("parent"); parent.Get("type").Text() == "data_source_id" {
		o.Set("parent", jsonx.ObjectValue(
			jsonx.M("type", jsonx.StringValue("database_id")),
			jsonx.M("database_id", parent.Get("database_id")),
		))
	}
}

// mergeSources turns data sources in a list into the databases they were.
func mergeSources(r *Response) {
	objects(r.Body, "data_source", func(o jsonx.Value) {
		o.Set("object", jsonx.StringValue("database"))
		parent, around := o.Get("parent"), o.Delete("database_parent")
		if !around.Defined() {
			return
		}
		o.Set("id", parent.Get("database_id"))
		o.Set("parent", around)
	})
}

// mergeDatabases turns containers into the databases they were: what is their own, and the
// properties of their data source. A list leaves out those that have several.
func mergeDatabases(r *Response) error {
	if r.Body.Get("object").Text() == "list" {
		return mergeListed(r)
	}
	if !isContainer(r.Body) {
		return nil
	}
	merged, err := mergeDatabase(r, r.Body)
	r.Body = merged
	return err
}

func mergeListed(r *Response) error {
	results := r.Body.Get("results").Items()
	if len(results) == 0 {
		return nil
	}
	kept := make([]jsonx.Value, 0, len(results))
	for _, o := range results {
		if isContainer(o) {
			merged, err := mergeDatabase(r, o)
			if apierr.From(err).Code == apierr.ValidationError {
				continue
			}
			if err != nil {
				return err
			}
			o = merged
		}
		kept = append(kept, o)
	}
	r.Body.Set("results", jsonx.ArrayValue(kept...))
	return nil
}

func isContainer(o jsonx.Value) bool {
	return o.Get("object").Text() == "database" && o.Has("data_sources")
}

// ownOfDatabase are the keys that a database of old had from what is its container now.
var ownOfDatabase = []string{"title", "description", "icon", "cover", "is_inline", "in_trash", "archived"}

func mergeDatabase(r *Response, container jsonx.Value) (jsonx.Value, error) {
	id, _ := notion.ParseID(container.Get("id").Text())
	source, err := r.Lookup.OnlySource(r.Context, id)
	if err != nil {
		return container, err
	}
	merged, err := r.Lookup.DataSource(r.Context, source, V20250903)
	if err != nil {
		return container, err
	}
	merged.Set("object", jsonx.StringValue("database"))
	merged.Set("id", container.Get("id"))
	merged.Delete("database_parent")
	merged.Set("parent", container.Get("parent"))
	for _, key := range ownOfDatabase {
		merged.Set(key, container.Get(key))
	}
	return merged, nil
}
