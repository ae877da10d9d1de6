package core_test

import (
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/notion"
)

func TestPeople(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ws := b.first.Workspace
		u, err := b.CreateUser(b.ctx, ws, core.UserSpec{Name: " Ann ", Email: "Ann@Example.com", AvatarURL: "https://example.com/a.png"})
		if err != nil {
			t.Fatal(err)
		}
		if u.Name != "Ann" || u.Email != "ann@example.com" || u.Role != "member" || u.Type != "person" {
			t.Errorf("created %+v", u)
		}
		u, err = b.UpdateUser(b.ctx, ws, u.ID, core.UserChange{Name: ptr("Anna"), Role: ptr("guest"), AvatarURL: ptr("")})
		if err != nil || u.Name != "Anna" || u.Role != "guest" || u.AvatarURL != "" || u.Email != "ann@example.com" {
			t.Errorf("updated %+v, %v", u, err)
		}
		if kept, err := b.FindUser(b.ctx, ws, u.ID); err != nil || kept != u {
			t.Errorf("kept %+v, %v; want %+v", kept, err, u)
		}
		// The own address is not a duplicate; after it is given up it is free.
		if _, err := b.UpdateUser(b.ctx, ws, u.ID, core.UserChange{Email: ptr("ANN@example.com")}); err != nil {
			t.Error(err)
		}
		_, err = b.CreateUser(b.ctx, ws, core.UserSpec{Name: "Other", Email: "ann@EXAMPLE.com"})
		refuses(t, err, apierr.ValidationError, "A user with the email ann@example.com already exists")
		if _, err := b.UpdateUser(b.ctx, ws, u.ID, core.UserChange{Email: ptr("")}); err != nil {
			t.Error(err)
		}
		if _, err := b.CreateUser(b.ctx, ws, core.UserSpec{Name: "Other", Email: "ann@example.com"}); err != nil {
			t.Error(err)
		}
	})
}

func TestBadPeople(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		cases := []struct {
			spec core.UserSpec
			text string
		}{
			{core.UserSpec{}, "user name should not be empty."},
			{core.UserSpec{Name: "A", Email: "nobody"}, "valid email"},
			{core.UserSpec{Name: "A", Email: "A <a@example.com>"}, "valid email"},
			{core.UserSpec{Name: "A", Email: strings.Repeat("a", 190) + "@example.com"}, "at most 200 characters"},
			{core.UserSpec{Name: "A", Role: "king"}, "instead was `\"king\"`."},
			{core.UserSpec{Name: "A", AvatarURL: "javascript:alert(1)"}, "http or https URL"},
			{core.UserSpec{Name: "A", AvatarURL: "https://e.com/" + strings.Repeat("a", 2000)}, "at most 2000 characters"},
		}
		for _, c := range cases {
			_, err := b.CreateUser(b.ctx, b.first.Workspace, c.spec)
			refuses(t, err, apierr.ValidationError, c.text)
		}
		_, err := b.UpdateUser(b.ctx, b.first.Workspace, notion.ID{9}, core.UserChange{})
		refuses(t, err, apierr.ObjectNotFound, "Could not find user")
		_, err = b.UpdateUser(b.ctx, b.first.Workspace, b.integration().BotID, core.UserChange{Name: ptr("x")})
		refuses(t, err, apierr.ValidationError, "is a bot")
	})
}

func TestDeactivatingAPersonEndsTheirPersonalTokens(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ann, bob := b.addPerson("Ann"), b.addPerson("Bob")
		_, anns := b.addIntegration(core.IntegrationSpec{Name: "Ann's", Kind: core.Personal, Owner: ann.ID})
		_, bobs := b.addIntegration(core.IntegrationSpec{Name: "Bob's", Kind: core.Personal, Owner: bob.ID})
		_, public := b.addIntegration(core.IntegrationSpec{Name: "App", Kind: core.Public, Owner: ann.ID})
		for _, off := range []bool{true, false} {
			if _, err := b.UpdateUser(b.ctx, b.first.Workspace, ann.ID, core.UserChange{Deactivated: &off}); err != nil {
				t.Fatal(err)
			}
			if b.works(anns) || !b.works(bobs) || !b.works(public) {
				t.Errorf("deactivated %v: Ann's %v, Bob's %v, public %v", off, b.works(anns), b.works(bobs), b.works(public))
			}
		}
	})
}
