package provider

// leavingSet is the mark of a plan that may destroy or replace a set. Terraform plans a
// replacement twice, the second time without the state.
type leavingSet struct {
	Task  string `json:"task"`
	Force bool   `json:"force"` // force_destroy, of the state or of the configuration
	Ends  bool   `json:"ends"`  // the set is replaced because its task is
}
