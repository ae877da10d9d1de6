package notion

import "octavo/internal/jsonx"

// Authorization is what a client gets for a code or a refresh token (contract.md §6).
type Authorization struct {
	AccessToken, RefreshToken string
	// BotID identifies the authorisation.
	BotID         ID
	WorkspaceID   ID
	WorkspaceName string
	// Owner is the person who authorised the client.
	Owner *User
}

// AppendJSON appends the answer of the token endpoint.
func (a *Authorization) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"access_token":`...)
	dst = jsonx.AppendString(dst, a.AccessToken)
	dst = append(dst, `,"token_type":"bearer","refresh_token":`...)
	dst = jsonx.AppendString(dst, a.RefreshToken)
	dst = append(dst, `,"bot_id":"`...)
	dst = a.BotID.Append(dst)
	dst = append(dst, `","workspace_icon":null,"workspace_name":`...)
	dst = appendNullable(dst, a.WorkspaceName)
	dst = append(dst, `,"workspace_id":"`...)
	dst = a.WorkspaceID.Append(dst)
	dst = append(dst, `","owner":{"type":"user","user":`...)
	dst = a.Owner.AppendJSON(dst)
	return append(dst, `},"duplicated_template_id":null}`...)
}
