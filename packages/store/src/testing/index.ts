export { type ContractRunner, storeContract } from './store-contract.ts';
