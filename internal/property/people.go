package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

var people = Type{
	Name:      "people",
	Config:    schema.Object(),
	Value:     schema.Array(person(), maxItems),
	Shorthand: schema.Array(person(), maxItems),
	Filters:   []string{"people"},
	Sort:      SortByUserName,
	fits:      isPeople,
	decode:    decodePeople,
	empty:     jsonx.ArrayValue(),
	cells:     referenceCells,
	seen:      lang.ListOf(lang.TypeOf(lang.KindPerson)),
	value:     peopleValue,
}

// person is a user or a group. Whatever else a user was read with may be written back.
func person() schema.Type {
	return schema.Loose(schema.Req("id", schema.UUID()), schema.Opt("object", schema.Literal("user", "group")))
}

// isPeople tells people from the arrays that other types have as their shorthand.
func isPeople(sent jsonx.Value) bool {
	return eachItem(sent, func(it jsonx.Value) bool {
		_, ok := notion.ParseID(it.Get("id").Text())
		return ok && (it.Has("object") || len(it.Members()) == 1)
	})
}

func decodePeople(_ *decoder, _ *Property, sent jsonx.Value) (jsonx.Value, error) {
	kinds := map[notion.ID]string{}
	for _, it := range sent.Items() {
		if it.Get("object").Text() == "group" {
			kinds[parseID(it.Get("id"))] = "group"
		}
	}
	ids := References(sent)
	items := make([]jsonx.Value, len(ids))
	for i, id := range ids {
		kind := "user"
		if k, ok := kinds[id]; ok {
			kind = k
		}
		items[i] = personValue(kind, id)
	}
	return jsonx.ArrayValue(items...), nil
}

// personValue is a person as it is stored, and as it is shown to who may not read users.
func personValue(kind string, id notion.ID) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("object", jsonx.StringValue(kind)), jsonx.M("id", jsonx.StringValue(id.String())))
}
